import { describe, expect, it } from 'vitest'
import { within } from '../../src/process/within.ts'
import { fakeClock } from '../../src/testing/fake-clock.ts'

const never = () => new Promise<never>(() => {})

describe('within', () => {
  it('gives the result, whether it comes at once or later, and leaves no timer', async () => {
    const clock = fakeClock()
    expect(await within({ ms: 10, clock, what: 'it' }, () => 1)).toBe(1)
    expect(await within({ ms: 10, clock, what: 'it' }, async () => 2)).toBe(2)
    expect(clock.pending).toBe(0)
  })

  it('rejects with what the call throws or rejects with', async () => {
    const clock = fakeClock()
    const error = new Error('broken')
    const thrower = () => {
      throw error
    }
    await expect(within({ ms: 10, clock, what: 'it' }, thrower)).rejects.toBe(error)
    await expect(within({ ms: 10, clock, what: 'it' }, () => Promise.reject(error))).rejects.toBe(
      error,
    )
    expect(clock.pending).toBe(0)
  })

  it('rejects with TIMED_OUT, and aborts the signal, when a call ignores its time', async () => {
    const clock = fakeClock()
    let seen: AbortSignal | undefined
    const call = within({ ms: 10, clock, what: 'The call' }, (signal) => {
      seen = signal
      return never()
    })
    const rejected = call.catch((reason: unknown) => reason)
    await clock.advance(9)
    expect(seen?.aborted).toBe(false)
    await clock.advance(1)
    expect(seen?.aborted).toBe(true)
    expect(await rejected).toMatchObject({
      code: 'TIMED_OUT',
      message: 'The call did not end within 10 ms',
    })
  })

  it('ends with the outer signal and its reason', async () => {
    const clock = fakeClock()
    const outer = new AbortController()
    const call = within({ ms: 10, clock, what: 'it', signal: outer.signal }, never)
    outer.abort('enough')
    await expect(call).rejects.toBe('enough')
    expect(clock.pending).toBe(0)
  })

  it('does not call at all once the outer signal has aborted', async () => {
    const clock = fakeClock()
    let called = false
    const call = within({ ms: 10, clock, what: 'it', signal: AbortSignal.abort('late') }, () => {
      called = true
    })
    await expect(call).rejects.toBe('late')
    expect(called).toBe(false)
    expect(clock.pending).toBe(0)
  })

  it('sets no timer for a call that may take as long as it likes', async () => {
    const clock = fakeClock()
    const outer = new AbortController()
    const call = within({ ms: Infinity, clock, what: 'it', signal: outer.signal }, never)
    expect(clock.pending).toBe(0)
    outer.abort('enough')
    await expect(call).rejects.toBe('enough')
  })

  it('lets a call fail late without harm', async () => {
    const clock = fakeClock()
    let fail = (_: Error) => {}
    const call = within({ ms: 10, clock, what: 'it' }, () => {
      return new Promise<never>((_, reject) => {
        fail = reject
      })
    })
    const rejected = call.catch((reason: unknown) => reason)
    await clock.advance(10)
    expect(await rejected).toMatchObject({ code: 'TIMED_OUT' })
    // An unhandled rejection would fail the run.
    fail(new Error('late'))
    await clock.advance(0)
    expect(clock.pending).toBe(0)
  })
})
