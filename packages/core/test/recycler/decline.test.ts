import { describe, expect, it } from 'vitest'
import { pressing } from './pressing.ts'

const reasons = [{ code: 'soft_limit', message: 'The supervisor saw it' }]
const recycleRequest = (decline: () => void) =>
  ({ kind: 'recycle', urgency: 'soft', reasons, decline }) as const

describe('a request of the supervisor to recycle', () => {
  it('is declined, once, by a recycler that only observes', async () => {
    const { enforcer, clock, all, recycler } = await pressing([], { mode: 'observe' })
    let declined = 0
    enforcer.push(recycleRequest(() => (declined += 1)))
    await clock.advance(0)
    expect(declined).toBe(1)
    expect(all('recycle:observed')).toEqual([{ urgency: 'soft', reasons }])
    expect(recycler.phase).toBe('running')
  })

  it('is not declined by one that acts', async () => {
    const { enforcer, clock, recycler } = await pressing()
    let declined = 0
    enforcer.push(recycleRequest(() => (declined += 1)))
    await clock.advance(0)
    expect(declined).toBe(0)
    expect(recycler.phase).toBe('exited')
  })

  it('does not end the line to the supervisor when declining fails', async () => {
    const { enforcer, clock, recycler, failedCalls } = await pressing([], { mode: 'observe' })
    enforcer.push(
      recycleRequest(() => {
        throw new Error('no line')
      }),
    )
    enforcer.push({ kind: 'stop' })
    await clock.advance(0)
    expect(failedCalls()).toEqual(['fake.decline'])
    expect(recycler.phase).toBe('exited')
  })
})
