import type { Facts } from './facts.ts'
import { type Run, runUnder } from './run.ts'
import { type Service, type ServiceOptions, startService } from './service.ts'
import { until } from './until.ts'

/** What a check works with. What it starts ends with it. */
export interface Context {
  readonly facts: Facts
  /** Aborts when the check is over, or hung. */
  readonly signal: AbortSignal
  /** Runs a command without a shell; resolves with its stdout, and rejects with its stderr. */
  readonly run: Run
  /** Runs a bundled program as a transient service. */
  readonly start: (options: ServiceOptions) => Promise<Service>
  /** A unit that the check starts by itself: it ends with the check, too, and its journal is kept. */
  readonly owns: (unit: string) => void
  /** What is done when the check is over, however it ended, after its units: the last one first. */
  readonly atEnd: (act: (run: Run) => Promise<unknown>) => void
  /** Looks every so many milliseconds, by default 50, until there is something. */
  readonly until: <T>(look: () => T | undefined, everyMs?: number) => Promise<T>
}

/** A context, and its end. */
export interface OpenContext {
  readonly context: Context
  /** What its services said to the journal. */
  readonly journal: () => Promise<string>
  /** Stops its services, and does what it left for the end. */
  readonly close: () => Promise<void>
}

/** Opens the context of one check; units take their names from `name`. */
export function openContext(facts: Facts, name: string, signal: AbortSignal): OpenContext {
  const run = runUnder(signal)
  // When the check is over, its end is still to be made.
  const runAfter = runUnder(new AbortController().signal)
  const units: string[] = []
  const ends: ((run: Run) => Promise<unknown>)[] = []
  const cgroupRoot = facts.cgroup === 2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory'
  return {
    context: {
      facts,
      signal,
      run,
      start: (options) => {
        const unit = `${name}-${units.length + 1}.service`
        units.push(unit)
        return startService(unit, options, { run, signal, cgroupRoot })
      },
      owns: (unit) => void units.push(unit),
      atEnd: (act) => void ends.push(act),
      until: (look, everyMs) => until(look, signal, everyMs),
    },
    journal: async () => {
      if (units.length === 0) return ''
      return runAfter('journalctl', [
        '--no-pager',
        '--lines=40',
        ...units.map((unit) => `-u${unit}`),
      ])
    },
    close: async () => {
      // A unit that came to its end is not known any more: no fault.
      const quietly = (...words: string[]) =>
        runAfter('systemctl', [...words, ...units]).catch(() => '')
      if (units.length > 0) {
        // Nothing waits for a worker to drain; and none is started again once its stop is queued.
        await quietly('stop', '--no-block')
        await quietly('kill', '--signal=SIGKILL')
        await quietly('stop')
        await quietly('reset-failed')
      }
      for (const act of ends.toReversed()) {
        await act(runAfter).catch((error: unknown) =>
          process.stdout.write(`left behind: ${String(error)}\n`),
        )
      }
    },
  }
}
