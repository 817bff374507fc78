/** What a machine says while it runs its checks, one JSON object a line. */
export type GuestEvent =
  | { readonly event: 'booted'; readonly systemd: string; readonly cgroup: string }
  | { readonly event: 'started'; readonly name: string }
  | ({ readonly event: 'ended' } & CheckResult)
  | { readonly event: 'finished' }

/** How one check ended. */
export interface CheckResult {
  /** `suite: check`. */
  readonly name: string
  /** null when it does not apply to the machine. */
  readonly ok: boolean | null
  /** What was seen; or what failed; or why it does not apply. */
  readonly detail: string
}

/** What is known of one machine after it ended. */
export interface MachineResult {
  readonly machine: string
  /** As systemd itself says it; null when the machine did not come so far. */
  readonly systemd: string | null
  /** `v1` or `v2`. */
  readonly cgroup: string | null
  readonly checks: readonly CheckResult[]
}

const EVENTS: ReadonlySet<unknown> = new Set(['booted', 'started', 'ended', 'finished'])

/** Reads a line of the machine; null for what is none of its events, such as a word of the kernel. */
export function guestEvent(line: string): GuestEvent | null {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || !('event' in value)) return null
    return EVENTS.has(value.event) ? (value as GuestEvent) : null
  } catch {
    return null
  }
}

/**
 * What the events of a machine amount to. One that ended before its time, for the reason `end`, has
 * failed: in the check that was under way, or else as a whole.
 */
export function machineResult(
  machine: string,
  events: readonly GuestEvent[],
  end: string,
): MachineResult {
  const booted = events.find((event) => event.event === 'booted')
  const checks = events.flatMap((event) => {
    if (event.event !== 'ended') return []
    const { name, ok, detail } = event
    return [{ name, ok, detail }]
  })
  const last = events.at(-1)
  if (last?.event !== 'finished') {
    const name = last?.event === 'started' ? last.name : booted ? 'between checks' : 'boot'
    checks.push({ name, ok: false, detail: end })
  }
  return { machine, systemd: booted?.systemd ?? null, cgroup: booted?.cgroup ?? null, checks }
}

/** Whether every check that applies passed, and one did on each machine. */
export function allPassed(results: readonly MachineResult[]): boolean {
  return results.every(
    ({ checks }) => checks.some(({ ok }) => ok) && checks.every(({ ok }) => ok !== false),
  )
}

/** The rows of the table for people: machine, check, whether it passed, and the detail. */
export function resultRows(results: readonly MachineResult[]): string[][] {
  const words = new Map([
    [true, 'ok'],
    [false, 'FAILED'],
    [null, 'n/a'],
  ])
  return results.flatMap(({ machine, checks }) =>
    checks.map(({ name, ok, detail }) => [machine, name, words.get(ok) ?? '', detail]),
  )
}
