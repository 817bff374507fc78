import type { CheckResult, GuestEvent } from '../results.ts'
import type { Check, GuestSuite } from '../suite.ts'
import type { OpenContext } from './context.ts'
import type { Facts } from './facts.ts'

const LIMIT_MS = 180_000
const DETAIL_LENGTH = 600

/** What running checks needs of the machine. */
export interface CheckHost {
  readonly facts: Facts
  readonly open: (name: string, signal: AbortSignal) => OpenContext
  /** To the host. */
  readonly send: (event: GuestEvent) => void
  /** To the console, for those who look for the cause of a failure. */
  readonly log: (text: string) => void
}

/** Runs the checks of the suites one after the other; none can keep the next from running. */
export async function runChecks(suites: readonly GuestSuite[], host: CheckHost): Promise<void> {
  const checks = suites.flatMap((suite) => suite.checks.map((check) => ({ suite, check })))
  for (const [index, { suite, check }] of checks.entries()) {
    const name = `${suite.name}: ${check.name}`
    const applies = check.when?.(host.facts) ?? true
    if (applies === true) host.send({ event: 'started', name })
    const outcome =
      applies === true
        ? await runCheck(check, `check-${index + 1}`, host)
        : { ok: null, detail: applies }
    host.send({ event: 'ended', name, ...outcome })
  }
}

type Outcome = Pick<CheckResult, 'ok' | 'detail'>

async function runCheck(check: Check, unitName: string, host: CheckHost): Promise<Outcome> {
  const { limitMs = LIMIT_MS } = check
  const over = new AbortController()
  const timer = setTimeout(() => {
    over.abort(new Error(`did not end within ${limitMs / 1000} s`))
  }, limitMs)
  const { context, journal, close } = host.open(unitName, over.signal)
  try {
    const detail = await Promise.race([check.run(context), rejection(over.signal)])
    return { ok: true, detail }
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    host.log(`${check.name}: ${text}\n${await journal()}`)
    return { ok: false, detail: oneLine(error instanceof Error ? error.message : text) }
  } finally {
    clearTimeout(timer)
    // What it waits for no more must not go on beside the next one.
    over.abort(new Error('the check is over'))
    await close()
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

const oneLine = (text: string) => text.trim().replaceAll(/\s+/g, ' ').slice(0, DETAIL_LENGTH)
