import type { Enforcer, EnforcerHost } from '@worker-recycler/core'
import type { EnforcerTestBed, FakeEnforcer } from '@worker-recycler/core/testing'
import { enforcerTestBed, type EnforcerParts } from '../good.ts'
import type { Broken } from './broken.ts'
import { never } from './job-source.ts'

const broken = (
  name: string,
  breaks: string,
  build: (good: FakeEnforcer, parts: EnforcerParts) => Enforcer,
  ...also: readonly string[]
): Broken<EnforcerTestBed> => ({ name, breaks, also, create: () => enforcerTestBed(build) })

/** An enforcer of which the host's side is broken. */
const onHost = (
  name: string,
  breaks: string,
  build: (good: EnforcerHost, parts: EnforcerParts) => Partial<EnforcerHost>,
  ...also: readonly string[]
): Broken<EnforcerTestBed> =>
  broken(
    name,
    breaks,
    (good, parts) => {
      const host = good.host as EnforcerHost
      return { ...good, host: { ...host, ...build(host, parts) } }
    },
    ...also,
  )

const workerSide: readonly Broken<EnforcerTestBed>[] = [
  broken(
    'promises head-room and has none',
    'declares what it supports, and has the members that it declares',
    (good) => {
      const without: Partial<FakeEnforcer> = { ...good }
      delete without.grantHeadroom
      return without as FakeEnforcer
    },
    'grantHeadroom() resolves with what was granted: 0 or more',
  ),
  broken(
    'leaves no time to stop',
    'stopBudget() is a positive time, and says where it comes from',
    (good) => ({ ...good, stopBudget: async () => ({ ms: 0, from: 'the test' }) }),
  ),
  broken(
    'has a soft limit above the hard one',
    'limits() are whole bytes, the soft one not above the hard one',
    (good) => ({
      ...good,
      limits: async () => ({ softBytes: 2, hardBytes: 1, from: 'the test' }),
    }),
  ),
  broken('has limits from nowhere', 'limits() say where they come from', (good) => ({
    ...good,
    limits: async () => ({ from: '' }),
  })),
  broken(
    'has an invocation that is none',
    'the invocation, where there is one, fits into an identity',
    (good) => ({ ...good, invocation: 'unit:1' }),
  ),
  broken('invents a predecessor', 'the first process has no last exit', (good) => ({
    ...good,
    lastExit: async (options) => (await good.lastExit(options)) ?? { cause: 'unknown' },
  })),
  broken(
    'fails when the worker leaves',
    'ready() and stopping() resolve',
    (good) => ({ ...good, stopping: () => Promise.reject(new Error('Nobody listens')) }),
    'extendStop() resolves with what was granted: 0 or more',
  ),
  ...(['stopBudget', 'limits', 'lastExit', 'ready'] as const).map((member) =>
    broken(
      `hangs in ${member}() when there is no time`,
      `${member}() with an aborted signal ends promptly`,
      (good) => ({
        ...good,
        [member]: (options: { signal: AbortSignal }) =>
          options.signal.aborted ? never() : good[member](options),
      }),
    ),
  ),
  broken(
    'hangs in stopping() when there is no time',
    'stopping() with an aborted signal ends promptly',
    (good) => ({
      ...good,
      stopping: (notice, options) =>
        options.signal.aborted ? never() : good.stopping(notice, options),
    }),
  ),
  broken('cannot stop twice', 'stop() before ready(), and a second time, does nothing', (good) => {
    let stopped = false
    return {
      ...good,
      stop: async () => {
        if (stopped) throw new Error('Stopped before')
        stopped = true
      },
    }
  }),
  broken(
    'names a cause that nobody knows',
    'the last exit that the successor sees names a known cause',
    (good) => ({
      ...good,
      lastExit: async (options) => {
        const exit = await good.lastExit(options)
        return exit && { ...exit, cause: 'boredom' as 'unknown' }
      },
    }),
  ),
  broken(
    'refuses with a negative time',
    'extendStop() resolves with what was granted: 0 or more',
    (good) => ({ ...good, extendStop: async () => -1 }),
  ),
  broken(
    'refuses with no number',
    'grantHeadroom() resolves with what was granted: 0 or more',
    (good) => ({ ...good, grantHeadroom: async () => Number.NaN }),
  ),
  broken(
    'forgets which jobs ran',
    'the ledger that was saved is in the last exit that the successor sees',
    (good) => ({
      ...good,
      saveLedger: async (ledger, options) => good.saveLedger?.({ ...ledger, running: [] }, options),
    }),
  ),
  broken(
    'keeps the first ledger',
    'the last ledger that was saved is the one that counts',
    (good) => ({
      ...good,
      saveLedger: async (ledger, options) => {
        if (good.savedLedger === undefined) await good.saveLedger?.(ledger, options)
      },
    }),
  ),
  broken(
    'hangs in saveLedger() when there is no time',
    'saveLedger() with an aborted signal ends promptly',
    (good) => ({
      ...good,
      saveLedger: async (ledger, options) =>
        options.signal.aborted ? never() : good.saveLedger?.(ledger, options),
    }),
  ),
  broken(
    'hears every request as a stop',
    'requests() yields what the supervisor asks for, in its order',
    (good) => ({
      ...good,
      async *requests(options) {
        for await (const request of good.requests?.(options) ?? []) {
          yield request.kind === 'stop' ? request : { kind: 'stop' }
        }
      },
    }),
  ),
  broken(
    'takes a recycle that is declined for the end',
    'a recycle that is declined does not end the requests',
    (good) => ({
      ...good,
      async *requests(options) {
        let declined = false
        const decline = () => {
          declined = true
        }
        for await (const request of good.requests?.(options) ?? []) {
          if (declined) return
          yield request.kind === 'recycle' ? { ...request, decline } : request
        }
      },
    }),
  ),
  broken(
    'throws when it is told to end',
    'requests() ends when its signal aborts, without an error',
    (good) => ({
      ...good,
      async *requests(options) {
        if (options.signal.aborted) return
        yield* good.requests?.(options) ?? []
        options.signal.throwIfAborted()
      },
    }),
  ),
  broken(
    'listens although it was told to end before',
    'requests() with an aborted signal ends promptly',
    (good) => ({
      ...good,
      async *requests(options) {
        if (options.signal.aborted) await never()
        yield* good.requests?.(options) ?? []
      },
    }),
  ),
]

const hostSide: readonly Broken<EnforcerTestBed>[] = [
  onHost(
    'plans something else each time',
    'plan() is pure: the same request and facts give the same plan',
    (good) => {
      let planned = 0
      return {
        plan: (...args) => ({ ...good.plan(...args), commands: [['reload', `${(planned += 1)}`]] }),
      }
    },
  ),
  onHost('leaves a draft', 'facts() and plan() touch nothing', (good, { files }) => ({
    plan: (...args) => {
      files.set('/limits/draft', '')
      return good.plan(...args)
    },
    revert: async (...args) => {
      files.delete('/limits/draft')
      await good.revert(...args)
    },
  })),
  onHost('applies another plan', 'apply() writes the files of the plan', (good) => ({
    apply: (plan, options) => {
      const files = plan.files.map((file) => ({ ...file, after: `${file.after ?? ''}#\n` }))
      return good.apply({ ...plan, files }, options)
    },
  })),
  onHost(
    'adds to what it has applied',
    'apply() a second time changes nothing more',
    (good, { files }) => ({
      apply: async (plan, options) => {
        const isSecond = plan.files.some(({ path }) => files.has(path))
        const applied = await good.apply(plan, options)
        if (isSecond) files.set('/again', '')
        return applied
      },
    }),
  ),
  onHost('sees drift where there is none', 'verify() is empty after apply()', () => ({
    verify: async () => [{ target: 'painter', key: 'soft', wanted: '1', actual: '2' }],
  })),
  onHost('sees no drift', 'verify() names what is not in force', () => ({
    verify: async () => [],
  })),
  onHost(
    'leaves a backup',
    'revert() leaves the host as it was, byte for byte',
    (good, { files }) => ({
      revert: async (...args) => {
        await good.revert(...args)
        files.set('/backup', '')
      },
    }),
  ),
  onHost('reverts more each time', 'revert() a second time changes nothing', (good, { files }) => {
    let reverted = false
    return {
      revert: async (...args) => {
        await good.revert(...args)
        if (reverted) files.clear()
        reverted = true
      },
    }
  }),
  onHost(
    'reverts what others have changed',
    'revert() leaves alone what was changed since',
    (_good, { files }) => ({
      revert: async ({ plan }) => {
        for (const { path, before } of plan.files) {
          if (before === undefined) files.delete(path)
          else files.set(path, before)
        }
      },
    }),
  ),
  onHost(
    'overlooks findings',
    'apply() refuses a plan with an error among its findings',
    (good) => ({
      apply: (plan, options) => good.apply({ ...plan, findings: [] }, options),
    }),
  ),
  onHost(
    'goes on when there is no time',
    'apply() with an aborted signal rejects, and touches nothing',
    (good) => ({
      apply: (plan) => good.apply(plan, { signal: new AbortController().signal }),
    }),
  ),
  onHost('counts half bytes', 'status() tells of each target with whole bytes', () => ({
    status: async () => [{ target: 'painter', running: true, usedBytes: 1.5 }],
  })),
  onHost(
    'stays half applied',
    'apply() that fails half way is rolled back',
    (good, { files, isObstructed }) => ({
      apply: async (plan, options) => {
        if (isObstructed()) files.set('/limits/painter', '')
        return good.apply(plan, options)
      },
    }),
  ),
]

export const brokenEnforcers: readonly Broken<EnforcerTestBed>[] = [...workerSide, ...hostSide]
