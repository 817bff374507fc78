import { existsSync, readFileSync } from 'node:fs'
import { jsonLines, type Line } from './json-lines.ts'
import { PROGRAMS } from './programs.ts'
import type { Run } from './run.ts'
import { until } from './until.ts'

/** A bundled program as a transient service. */
export interface ServiceOptions {
  /** The name of a file in `test/vm/programs`, without its ending. */
  readonly program: string
  readonly args?: readonly (string | number)[]
  /** Properties of the unit, as `MemoryMax=64M`. */
  readonly properties?: readonly string[]
}

/** A service under way. */
export interface Service {
  readonly unit: string
  /** The folder of its cgroup; with cgroup v1, that of the memory controller. */
  readonly cgroup: string
  /** The value of a file of its cgroup, such as `memory.max`, without the line's end. */
  readonly read: (file: string) => string
  /** What it printed so far, one JSON object a line. */
  readonly lines: () => readonly Line[]
  /** The first line that has this key, and fits; waits for it, and rejects when the service ends without. */
  readonly line: (key: string, fits?: (line: Line) => boolean) => Promise<Line>
  /** Waits for its end; resolves with the `Result` of systemd, such as `success` or `oom-kill`. */
  readonly ended: () => Promise<string>
  /** A property of the unit, as `systemctl show` has it. */
  readonly show: (property: string) => Promise<string>
  readonly stop: () => Promise<void>
}

/** Starts a program as a transient service; resolves when it was executed. */
export async function startService(
  unit: string,
  options: ServiceOptions,
  { run, signal, cgroupRoot }: ServiceHost,
): Promise<Service> {
  const { program, args = [], properties = [] } = options
  const output = `/run/${unit}.out`
  await run('systemd-run', [
    '--quiet',
    `--unit=${unit}`,
    ...['Type=exec', `StandardOutput=file:${output}`, ...properties].map((each) => `-p${each}`),
    `${PROGRAMS}/node`,
    `${PROGRAMS}/${program}.mjs`,
    ...args.map(String),
  ])
  const show = async (property: string) =>
    (await run('systemctl', ['show', '--value', `--property=${property}`, unit])).trim()
  const cgroup = `${cgroupRoot}${await show('ControlGroup')}`

  const lines = jsonLines(output)
  // The cgroup goes when the last process has: cheaper to ask than systemd.
  const gone = () => cgroup === cgroupRoot || !existsSync(cgroup)
  return {
    unit,
    cgroup,
    show,
    lines,
    read: (file) => readFileSync(`${cgroup}/${file}`, 'utf8').trim(),
    line: (key, fits = () => true) =>
      until(() => {
        // Asked in this order, nothing that it printed at its end is missed.
        const over = gone()
        const found = lines().find((line) => key in line && fits(line))
        if (found === undefined && over) throw new Error(`${program} ended without ${key}`)
        return found
      }, signal),
    ended: async () => {
      await until(() => gone() || undefined, signal)
      await until(
        async () => /^(inactive|failed)$/.test(await show('ActiveState')) || undefined,
        signal,
      )
      return show('Result')
    },
    stop: async () => void (await run('systemctl', ['stop', unit])),
  }
}

/** What starting a service needs of its check. */
export interface ServiceHost {
  readonly run: Run
  readonly signal: AbortSignal
  readonly cgroupRoot: string
}
