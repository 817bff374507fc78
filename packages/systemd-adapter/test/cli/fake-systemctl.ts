import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import type { Environment } from './command.ts'

/** A user with a manager of their own, played by a script that stands first in the PATH. */
export interface FakeUser {
  /** For the command: everything that it reads or writes as `--user` is below `home`. */
  readonly env: Environment
  readonly home: string
  /** A path below `home`. */
  readonly at: (path: string) => string
  readonly read: (path: string) => string | undefined
  readonly write: (path: string, text: string) => void
  /** Loads a unit: its properties, and, where it runs, its account of memory, whichever cgroups there are. */
  readonly load: (unit: string, state: UnitState) => void
  /** The limit that the kernel has for a unit. */
  readonly kernelMax: (unit: string) => string | undefined
  /** From now on this command of systemctl fails with that sentence. */
  readonly fail: (name: string, sentence: string) => void
  readonly unfail: (name: string) => void
  /** The commands that were given, without those that only ask. */
  readonly calls: () => readonly string[]
}

/** A unit as the fake manager has it. */
interface UnitState {
  readonly properties?: Readonly<Record<string, string | number>>
  readonly usedBytes?: number
  readonly maxBytes?: number
}

/** What cgroup v1 has for no limit. */
const UNLIMITED = '9223372036854771712'

/**
 * Its `show` and `list-units` answer from files; `daemon-reload` brings no limit to the kernel, as systemd
 * 257 does not, and `set-property` does, unless it is to fail. What is in `state/reloaded` is run after a
 * reload.
 */
const SCRIPT = `#!/bin/sh
state=$STATE
while :; do case $1 in --no-* | --user) shift ;; *) break ;; esac; done
verb=$1; shift
case $verb in show | list-units) ;; *) echo "$verb $*" >>"$state/calls" ;; esac
[ -e "$state/fail-$verb" ] && { cat "$state/fail-$verb" >&2; exit 1; }
case $verb in
  show)
    case $1 in --property=Version) echo Version=257.13-1; exit ;; esac
    while [ "$1" != -- ]; do shift; done; shift
    for unit; do
      if [ -e "$state/units/$unit" ]; then cat "$state/units/$unit"; else echo "Id=$unit"; echo ActiveState=inactive; fi
      echo
    done ;;
  list-units)
    for last; do :; done
    for file in "$state/units/"$last; do
      [ -e "$file" ] && echo "$(basename "$file") loaded active running A worker"
    done ;;
  daemon-reload) [ -e "$state/reloaded" ] && . "$state/reloaded" ;;
  set-property)
    shift 2; unit=$1; shift
    for assignment; do case $assignment in MemoryMax=*)
      bytes=\${assignment#MemoryMax=}
      echo "$bytes" | sed 's/infinity/max/' >"$state/cgroup/$unit/memory.max"
      echo "$bytes" | sed 's/infinity/${UNLIMITED}/' >"$state/cgroup/$unit/memory.limit_in_bytes" ;;
    esac; done ;;
esac
exit 0
`

/** Makes the user, their home, and their manager. */
export function fakeUser(): FakeUser {
  const home = scratchDirectory()
  const at = (path: string) => join(home, path)
  for (const path of ['bin', 'run', 'state/units', 'state/cgroup']) {
    mkdirSync(at(path), { recursive: true })
  }
  const write = (path: string, text: string) => {
    mkdirSync(join(at(path), '..'), { recursive: true })
    writeFileSync(at(path), text)
  }
  const read = (path: string) => {
    return existsSync(at(path)) ? readFileSync(at(path), 'utf8') : undefined
  }
  write('bin/systemctl', SCRIPT)
  chmodSync(at('bin/systemctl'), 0o755)
  return {
    env: {
      PATH: `${at('bin')}:${process.env['PATH'] ?? ''}`,
      STATE: at('state'),
      HOME: home,
      XDG_RUNTIME_DIR: at('run'),
    },
    home,
    at,
    read,
    write,
    load: (unit, { properties = {}, usedBytes, maxBytes }) => {
      const directory = `state/cgroup/${unit}`
      rmSync(at(directory), { recursive: true, force: true })
      if (usedBytes !== undefined) {
        write(`${directory}/memory.max`, String(maxBytes ?? 'max'))
        write(`${directory}/memory.limit_in_bytes`, String(maxBytes ?? UNLIMITED))
        write(`${directory}/memory.current`, String(usedBytes))
        write(`${directory}/memory.usage_in_bytes`, String(usedBytes))
      }
      const isRunning = usedBytes !== undefined
      const all = {
        Id: unit,
        Names: unit,
        ActiveState: isRunning ? 'active' : 'inactive',
        SubState: isRunning ? 'running' : 'dead',
        Result: 'success',
        // Up to the root and down again: so the kernel's files are found here.
        ControlGroup: isRunning ? `/../../../../../..${at(directory)}` : '',
        ...properties,
      }
      const lines = Object.entries(all).map(([key, value]) => `${key}=${value}\n`)
      write(`state/units/${unit}`, lines.join(''))
    },
    kernelMax: (unit) => read(`state/cgroup/${unit}/memory.max`)?.trim(),
    fail: (name, sentence) => write(`state/fail-${name}`, `${sentence}\n`),
    unfail: (name) => rmSync(at(`state/fail-${name}`)),
    calls: () => (read('state/calls') ?? '').split('\n').filter(Boolean),
  }
}
