import { describe, expect, it } from 'vitest'
import type { Context } from '../guest/context.ts'
import type { Facts } from '../guest/facts.ts'
import { runChecks } from '../guest/run-checks.ts'
import type { GuestEvent } from '../results.ts'
import type { Check } from '../suite.ts'

const facts: Facts = {
  machine: { name: 'old', debian: 'bookworm', systemd: [252, 252], cgroup: 1 },
  systemdVersion: '252 (252.1)',
  systemd: 252,
  cgroup: 1,
}

/** Runs the checks with a context that has nothing but a signal; gives what was sent and logged. */
async function run(...checks: Check[]) {
  const sent: GuestEvent[] = []
  const logged: string[] = []
  const closed: string[] = []
  await runChecks([{ name: 'suite', checks }], {
    facts,
    open: (name, signal) => ({
      context: { facts, signal } as Context,
      journal: async () => 'the journal',
      close: async () => void closed.push(name),
    }),
    send: (event) => void sent.push(event),
    log: (text) => void logged.push(text),
  })
  return { sent, logged, closed }
}

describe('runChecks', () => {
  it('tells when a check starts, and what it saw', async () => {
    const { sent, closed } = await run({ name: 'passes', run: async () => 'seen' })
    expect(sent).toEqual([
      { event: 'started', name: 'suite: passes' },
      { event: 'ended', name: 'suite: passes', ok: true, detail: 'seen' },
    ])
    expect(closed).toEqual(['check-1'])
  })

  it('ends what a check left under way', async () => {
    let signal: AbortSignal | undefined
    await run({
      name: 'passes',
      run: async (context) => {
        signal = context.signal
        return 'seen'
      },
    })
    expect(signal?.aborted).toBe(true)
  })

  it('does not start a check that does not apply', async () => {
    const when = ({ cgroup }: Facts) => cgroup === 2 || 'needs cgroup v2'
    const { sent, closed } = await run({ name: 'other', when, run: async () => 'never' })
    expect(sent).toEqual([
      { event: 'ended', name: 'suite: other', ok: null, detail: 'needs cgroup v2' },
    ])
    expect(closed).toEqual([])
  })

  it('fails a check that throws, on one line, logs the journal, and goes on', async () => {
    const { sent, logged, closed } = await run(
      { name: 'throws', run: () => Promise.reject(new Error('expected 1\n\n  got 2')) },
      { name: 'passes', run: async () => 'seen' },
    )
    expect(sent).toContainEqual({
      event: 'ended',
      name: 'suite: throws',
      ok: false,
      detail: 'expected 1 got 2',
    })
    expect(sent.at(-1)).toMatchObject({ name: 'suite: passes', ok: true })
    expect(logged.join('')).toMatch(/^throws: Error: expected 1[^]*the journal$/)
    expect(closed).toEqual(['check-1', 'check-2'])
  })

  it('fails a check that hangs, tells it by its signal, and goes on', async () => {
    let reason: unknown
    const { sent } = await run(
      {
        name: 'hangs',
        limitMs: 1,
        run: ({ signal }) =>
          new Promise(() => {
            signal.addEventListener('abort', () => (reason = signal.reason))
          }),
      },
      { name: 'passes', run: async () => 'seen' },
    )
    expect(reason).toBeInstanceOf(Error)
    expect(sent).toContainEqual({
      event: 'ended',
      name: 'suite: hangs',
      ok: false,
      detail: 'did not end within 0.001 s',
    })
    expect(sent.at(-1)).toMatchObject({ name: 'suite: passes', ok: true })
  })
})
