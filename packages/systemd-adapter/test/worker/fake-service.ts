import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { systemctl } from '../../src/transport/systemctl.ts'
import {
  type SystemdEnforcer,
  systemdEnforcer,
  type SystemdEnforcerOptions,
} from '../../src/worker/systemd-enforcer.ts'

/** What systemd gives a service, and a manager played by a script that stands first in the PATH. */
export interface FakeService {
  /** Writes its files, and puts its systemctl first, for the rest of the test. */
  readonly setUp: () => void
  readonly unit: string
  readonly spool: string
  readonly env: Readonly<Record<string, string>>
  /** The enforcer of its process. */
  readonly enforcer: (options?: Partial<SystemdEnforcerOptions>) => SystemdEnforcer
  /** The limit that the kernel has for a cgroup below the root of the hierarchy. */
  readonly kernelMax: (controlGroup?: string) => string
  readonly write: (path: string, text: string) => void
  /** Puts a program of so many lines of sh first in the PATH. */
  readonly program: (name: string, script: string) => void
  /** From now on systemctl does this, in sh, before or after it does what this verb is for. */
  readonly let: (when: 'before' | 'after', verb: string, script: string) => void
  /** As at first. */
  readonly mend: () => void
  /** What systemctl was asked to change. */
  readonly calls: () => readonly string[]
}

/** How the service differs from the usual one. */
export interface FakeServiceOptions {
  readonly directory: string
  readonly unit?: string
  readonly invocation?: string
  readonly controlGroup?: string
  /** Where its process is below that. */
  readonly movedTo?: string
  readonly limitBytes?: number
  readonly highBytes?: number
  readonly stop?: string
  readonly version?: string
  readonly env?: Readonly<Record<string, string>>
}

export const INVOCATION = '0123456789abcdef0123456789abcdef'
export const MIB: number = 2 ** 20
export const CALL: { readonly signal: AbortSignal } = { signal: new AbortController().signal }

/** What cgroup v1 has for no limit. */
const UNLIMITED = '9223372036854771712'

/** `set-property` brings limits into files, as it does into the kernel's; `show` answers from a file. */
const SCRIPT = `state=STATE
for word; do case $word in --no-*) shift ;; --user) echo "as a user" >>"$state/calls"; shift ;; *) break ;; esac; done
verb=$1; shift
[ -e "$state/before-$verb" ] && . "$state/before-$verb"
case $verb in
  show) case $1 in --property=Version) echo "Version=$(cat "$state/version")" ;; *) cat "$state/shown" ;; esac ;;
  set-property)
    echo "$*" >>"$state/calls"
    shift 3
    for assignment; do
      case $assignment in
        MemoryMax=*) echo "\${assignment#*=}" >"$state/cgroup/memory.limit_in_bytes" ;;
        MemoryHigh=*) echo "\${assignment#*=}" >"$state/cgroup/memory.high" ;;
      esac
    done ;;
esac
[ -e "$state/after-$verb" ] && . "$state/after-$verb"
exit 0
`

/** A service in a directory: cgroup v1, as the kernel's own type of file system is not to be had. */
export function fakeService(options: FakeServiceOptions): FakeService {
  const { directory, unit = 'worker@1.service', stop = '1min 30s', version = '252.39' } = options
  const controlGroup = options.controlGroup ?? `/system.slice/system-worker.slice/${unit}`
  const cgroupRoot = join(directory, 'cgroup')
  const state = join(directory, 'state')
  const spool = join(directory, 'deaths')
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  const program = (name: string, script: string) => {
    write(`bin/${name}`, `#!/bin/sh\n${script}\n`)
    chmodSync(join(directory, 'bin', name), 0o755)
  }
  const read = (path: string) => readFileSync(path, 'utf8').trim()
  const { limitBytes = 1024 * MIB, highBytes } = options
  const setUp = () => {
    const limit = Number.isFinite(limitBytes) ? String(limitBytes) : UNLIMITED
    write(`cgroup/memory${controlGroup}/memory.limit_in_bytes`, `${limit}\n`)
    if (highBytes !== undefined) {
      write(`cgroup/memory${controlGroup}/memory.high`, `${highBytes}\n`)
    }
    write('state/version', version)
    write('state/shown', `Id=${unit}\nNames=${unit}\nTimeoutStopUSec=${stop}\n`)
    const own = join(cgroupRoot, 'memory', controlGroup)
    program('systemctl', SCRIPT.replace('STATE', state).replaceAll('"$state/cgroup/', `"${own}/`))
    vi.stubEnv('PATH', `${join(directory, 'bin')}:${process.env['PATH']}`)
    onTestFinished(() => void vi.unstubAllEnvs())
  }
  const env = { INVOCATION_ID: options.invocation ?? INVOCATION, ...options.env }
  return {
    setUp,
    unit,
    spool,
    env,
    write,
    program,
    enforcer: (given = {}) =>
      systemdEnforcer({
        env,
        cgroupText: `1:name=systemd:${controlGroup}${options.movedTo ?? ''}\n`,
        cgroupRoot,
        spool,
        manager: systemctl('system'),
        ...given,
      }),
    kernelMax: (group = controlGroup) =>
      read(join(cgroupRoot, 'memory', group, 'memory.limit_in_bytes')),
    let: (when, verb, script) => write(`state/${when}-${verb}`, `${script}\n`),
    mend: () => {
      for (const when of ['before', 'after']) {
        for (const verb of ['show', 'set-property']) {
          rmSync(join(state, `${when}-${verb}`), { force: true })
        }
      }
    },
    calls: () => {
      const path = join(state, 'calls')
      return existsSync(path) ? read(path).split('\n') : []
    },
  }
}
