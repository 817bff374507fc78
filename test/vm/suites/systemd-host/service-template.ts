import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../../guest/context.ts'

/** Where administrators keep units. */
export const UNITS = '/etc/systemd/system'
const RUNTIME_UNITS = '/run/systemd/system'
const PLACES = [
  UNITS,
  RUNTIME_UNITS,
  '/run/systemd/system.control',
  '/var/lib/worker-recycler/systemd',
]

/** No limit: the word of cgroup v2, and the largest multiple of a page in v1. */
const V1_UNLIMITED = 2 ** 62

/** A template of services that a check has made, as an administrator does. */
export interface ServiceTemplate {
  /** As `pool@.service`. */
  readonly name: string
  /** Starts instances. */
  readonly start: (...names: readonly string[]) => Promise<readonly Instance[]>
}

/** An instance of a template, and what the kernel has for it. */
export interface Instance {
  readonly unit: string
  /** A file of its cgroup; with cgroup v1, of the memory controller. */
  readonly read: (file: string) => string
  /** `Infinity` for no limit. */
  readonly hardBytes: () => number
  readonly usedBytes: () => number
  /** A property, as `systemctl show` has it. */
  readonly show: (property: string) => Promise<string>
}

/**
 * Makes a template and its drop-ins, by their paths below `/etc/systemd/system`. All that begins with its
 * name goes when the check is over; each check takes a name of its own.
 */
export function makeTemplate(
  context: Context,
  prefix: string,
  lines: readonly string[],
  dropIns: Readonly<Record<string, string>> = {},
): ServiceTemplate {
  const { run, owns, atEnd } = context
  atEnd(() => Promise.resolve(removeAll(prefix)))
  const name = `${prefix}@.service`
  // Nothing of that name was loaded before: it is read at the first start, without a costly reload.
  writeUnits({ [name]: serviceText(lines), ...dropIns })
  return {
    name,
    start: async (...names) => {
      const instances = names.map((each) =>
        instanceOf(`${prefix}@${each}.service`, prefix, context),
      )
      for (const { unit } of instances) owns(unit)
      await run('systemctl', ['start', ...instances.map(({ unit }) => unit)])
      return instances
    },
  }
}

/** Writes files by their paths below `/etc/systemd/system`, or from the root; null masks. */
export function writeUnits(files: Readonly<Record<string, string | null>>): void {
  for (const [name, text] of Object.entries(files)) {
    const path = name.startsWith('/') ? name : join(UNITS, name)
    mkdirSync(dirname(path), { recursive: true })
    if (text === null) symlinkSync('/dev/null', path)
    else writeFileSync(path, text)
  }
}

/** A unit file, or a drop-in, of these lines. */
export function serviceText(lines: readonly string[]): string {
  return `[Service]\n${lines.map((line) => `${line}\n`).join('')}`
}

function removeAll(prefix: string): void {
  for (const place of PLACES) {
    const names = existsSync(place) ? readdirSync(place) : []
    for (const name of names.filter((each) => each.startsWith(`${prefix}@`))) {
      rmSync(join(place, name), { recursive: true })
    }
  }
}

function instanceOf(unit: string, prefix: string, { facts, run }: Context): Instance {
  const isUnified = facts.cgroup === 2
  const root = isUnified ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory'
  const read = (file: string) =>
    readFileSync(`${root}/system.slice/system-${prefix}.slice/${unit}/${file}`, 'utf8').trim()
  return {
    unit,
    read,
    hardBytes: () => {
      const text = read(isUnified ? 'memory.max' : 'memory.limit_in_bytes')
      return text === 'max' || Number(text) >= V1_UNLIMITED ? Infinity : Number(text)
    },
    usedBytes: () => Number(read(isUnified ? 'memory.current' : 'memory.usage_in_bytes')),
    show: async (property) =>
      (await run('systemctl', ['show', '--value', `--property=${property}`, unit])).trim(),
  }
}
