import assert from 'node:assert/strict'
import type { SupervisorRequest } from '../../contracts/enforcer.ts'
import { abortedSignal } from '../patience.ts'
import type { EnforcerRule, EnforcerScene } from './rule.ts'

const RECYCLE: SupervisorRequest = {
  kind: 'recycle',
  urgency: 'soft',
  reasons: [{ code: 'test', message: 'The suite asks for a recycle.' }],
}

/** The requests of an enforcer that is ready, one by one, until `stop` is called. */
async function listen({ enforcer, options, call }: EnforcerScene) {
  const controller = new AbortController()
  await call(enforcer.ready(options), 'ready() to resolve')
  const requests = enforcer.requests?.({ signal: controller.signal })[Symbol.asyncIterator]() as
    | AsyncIterator<SupervisorRequest, undefined>
    | undefined
  assert.ok(requests, '`supports.requests` promises the member `requests`')
  return { next: () => requests.next(), stop: () => controller.abort() }
}

/** Rules on what the supervisor asks. */
export function requestRules(rule: EnforcerRule): void {
  rule('requests() yields what the supervisor asks for, in its order', async (scene) => {
    const { next, stop } = await listen(scene)
    const first = next()
    await scene.bed.ask?.(RECYCLE)
    const { value } = await scene.call(first, 'the first request')
    assert.deepEqual({ ...value, decline: undefined }, { ...RECYCLE, decline: undefined })
    await scene.bed.ask?.({ kind: 'stop' })
    assert.deepEqual((await scene.call(next(), 'the second request')).value, { kind: 'stop' })
    stop()
  })

  rule('a recycle that is declined does not end the requests', async (scene) => {
    const { next, stop } = await listen(scene)
    await scene.bed.ask?.(RECYCLE)
    const { value } = await scene.call(next(), 'the request')
    if (value?.kind === 'recycle') value.decline?.()
    await scene.bed.ask?.({ kind: 'stop' })
    assert.equal((await scene.call(next(), 'the next request')).value?.kind, 'stop')
    stop()
  })

  rule('requests() ends when its signal aborts, without an error', async (scene) => {
    const { next, stop } = await listen(scene)
    const pending = next()
    stop()
    assert.equal((await scene.call(pending, 'the end of requests()')).done, true)
  })

  rule('requests() with an aborted signal ends promptly', async ({ enforcer, call }) => {
    const requests = enforcer.requests?.({ signal: abortedSignal() })[Symbol.asyncIterator]()
    assert.equal((await call(requests?.next(), 'the end of requests()')).done, true)
  })
}
