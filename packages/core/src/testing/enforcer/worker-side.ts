import assert from 'node:assert/strict'
import { createIdentity, parseIdentity } from '../../identity.ts'
import type { LastExit } from '../../ledger/last-exit.ts'
import { assertDeclared } from '../declared.ts'
import { abortedSignal, ended } from '../patience.ts'
import type { EnforcerRule } from './rule.ts'

const CAUSES: ReadonlySet<string> = new Set<LastExit['cause']>([
  'recycle',
  'stop',
  'memory',
  'signal',
  'crash',
  'unknown',
])

const notice = { reasons: [], leaving: 'recycle', budgetMs: 1000 } as const

/** Rules on the worker's line to its supervisor. */
export function workerSideRules(rule: EnforcerRule): void {
  rule('declares what it supports, and has the members that it declares', ({ enforcer }) => {
    assertDeclared(enforcer, 'enforcer', {
      lastExit: 'lastExit',
      ledger: 'saveLedger',
      extendStop: 'extendStop',
      headroom: 'grantHeadroom',
      requests: 'requests',
      host: 'host',
    })
  })

  rule('stopBudget() is a positive time, and says where it comes from', async (scene) => {
    const { ms, from } = await scene.call(
      scene.enforcer.stopBudget(scene.options),
      'stopBudget() to resolve',
    )
    assert.ok(ms > 0, `\`ms\` is ${ms}`)
    assert.match(from, /\S/, '`from`')
  })

  rule('limits() are whole bytes, the soft one not above the hard one', async (scene) => {
    const limits = await scene.call(scene.enforcer.limits(scene.options), 'limits() to resolve')
    for (const key of ['softBytes', 'hardBytes'] as const) {
      const bytes = limits[key]
      if (bytes === undefined) continue
      assert.ok(Number.isSafeInteger(bytes) && bytes > 0, `\`${key}\` is ${bytes}`)
    }
    const { softBytes = 0, hardBytes = Infinity } = limits
    assert.ok(softBytes <= hardBytes, `soft ${softBytes} is above hard ${hardBytes}`)
  })

  rule('limits() say where they come from', async ({ enforcer, options, call }) => {
    const { from } = await call(enforcer.limits(options), 'limits() to resolve')
    assert.match(from, /\S/, '`from`')
  })

  rule('the invocation, where there is one, fits into an identity', ({ enforcer }) => {
    const { invocation } = enforcer
    if (invocation === undefined) return
    assert.ok(invocation.length <= 32, `${invocation} is longer than 32 digits`)
    const identity = createIdentity({ invocation })
    assert.equal(parseIdentity(identity)?.invocation, invocation)
  })

  rule('the first process has no last exit', async ({ enforcer, options, call }) => {
    assert.equal(await call(enforcer.lastExit(options), 'lastExit() to resolve'), undefined)
  })

  rule('ready() and stopping() resolve', async ({ enforcer, options, call }) => {
    await call(enforcer.ready(options), 'ready() to resolve')
    await call(enforcer.stopping(notice, options), 'stopping() to resolve')
  })

  for (const member of ['stopBudget', 'limits', 'lastExit', 'ready'] as const) {
    rule(`${member}() with an aborted signal ends promptly`, async ({ enforcer, call }) => {
      const options = { signal: abortedSignal() }
      await call(ended(enforcer[member](options)), `${member}() to end`)
    })
  }

  rule('stopping() with an aborted signal ends promptly', async ({ enforcer, call }) => {
    await call(ended(enforcer.stopping(notice, { signal: abortedSignal() })), 'stopping() to end')
  })

  rule('stop() before ready(), and a second time, does nothing', async (scene) => {
    for (let times = 0; times < 2; times += 1) {
      await scene.call(Promise.resolve(scene.enforcer.stop?.(scene.options)), 'stop() to resolve')
    }
  })
}

/** The rule that needs a test bed with a successor. */
export function lastExitRule(rule: EnforcerRule): void {
  rule('the last exit that the successor sees names a known cause', async (scene) => {
    const { bed, enforcer, options, call } = scene
    await call(enforcer.ready(options), 'ready() to resolve')
    await call(Promise.resolve(enforcer.stop?.(options)), 'stop() to resolve')
    const successor = await bed.successor?.()
    try {
      const exit = await call(successor?.lastExit(options), 'lastExit() to resolve')
      assert.ok(exit && CAUSES.has(exit.cause), `\`cause\` is ${exit?.cause}`)
    } finally {
      await successor?.stop?.(options)
    }
  })
}

/** Rules on asking for more time. */
export function extendStopRules(rule: EnforcerRule): void {
  rule('extendStop() resolves with what was granted: 0 or more', async (scene) => {
    const { enforcer, options, call } = scene
    await call(enforcer.ready(options), 'ready() to resolve')
    await call(enforcer.stopping(notice, options), 'stopping() to resolve')
    const ms = await call(enforcer.extendStop?.(1000, options), 'extendStop() to resolve')
    assert.ok(ms >= 0, `granted ${ms} ms`)
  })
}

/** Rules on asking for more memory. */
export function headroomRules(rule: EnforcerRule): void {
  rule('grantHeadroom() resolves with what was granted: 0 or more', async (scene) => {
    const { enforcer, options, call } = scene
    await call(enforcer.ready(options), 'ready() to resolve')
    const request = { bytes: 2 ** 20, forMs: 1000 }
    const bytes = await call(
      enforcer.grantHeadroom?.(request, options),
      'grantHeadroom() to resolve',
    )
    assert.ok(bytes >= 0, `granted ${bytes} bytes`)
  })
}
