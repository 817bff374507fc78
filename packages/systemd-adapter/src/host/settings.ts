import { homedir } from 'node:os'
import { posix } from 'node:path'
import { type Clock, systemClock } from '@worker-recycler/core'
import { expectOneOf, expectWhole } from '../expect.ts'
import type { Manager } from '../transport/manager.ts'
import { systemctl } from '../transport/systemctl.ts'
import type { Hierarchy } from './facts.ts'
import type { Persistence, Scope, UserDirectories } from './lookup-path.ts'

/** Where limits are set. */
export interface SystemdHostOptions {
  /** The system's services, or those of the user who runs this. Defaults to `system`. */
  readonly scope?: Scope
  /** Until the next boot (`/run`), or for good (`/etc`). Defaults to `persistent`. */
  readonly persistence?: Persistence
  /**
   * Where the files are: `/`, or the root of an image that is being built. Elsewhere than at `/` no
   * manager is asked and none reloads, unless one is given; `version` must then be. Defaults to `/`.
   */
  readonly root?: string
  /** The version of systemd, where none runs to be asked. */
  readonly version?: number
  /** Likewise; defaults to `unified` in an image. */
  readonly hierarchy?: Hierarchy
  /** The running manager. Defaults to `systemctl`. */
  readonly manager?: Manager
  /** Defaults to `/sys/fs/cgroup` and `/proc`. */
  readonly cgroupRoot?: string
  readonly procRoot?: string
  /** Defaults to `$HOME` and `$XDG_RUNTIME_DIR`. */
  readonly user?: UserDirectories
  readonly clock?: Clock
}

/** Options with every default filled in. */
export interface HostSettings extends Required<Omit<SystemdHostOptions, 'version' | 'hierarchy'>> {
  readonly version: number | undefined
  readonly hierarchy: Hierarchy | undefined
  /** No manager runs on what is at `root`. */
  readonly isOffline: boolean
}

/** Fills in defaults and validates. Throws a TypeError that names the option. */
export function resolveSettings(options: SystemdHostOptions): HostSettings {
  const { scope = 'system', root = '/', persistence = 'persistent', version, hierarchy } = options
  const isImage = root !== '/'
  const isOffline = isImage && !options.manager
  expectOneOf('scope', scope, ['system', 'user'])
  expectOneOf('persistence', persistence, ['persistent', 'runtime'])
  expectOneOf('hierarchy', hierarchy, [undefined, 'unified', 'legacy'])
  if (!posix.isAbsolute(root) || posix.normalize(root) !== root) {
    throw new TypeError(`Expected \`root\` to be an absolute path, got ${JSON.stringify(root)}`)
  }
  if (version !== undefined) expectWhole('version', version, 1, 9999)
  else if (isOffline) {
    throw new TypeError(
      'Expected `version` with a `root`: there no systemd runs to be asked for it',
    )
  }
  return {
    scope,
    persistence,
    root,
    version,
    hierarchy: hierarchy ?? (isImage ? 'unified' : undefined),
    manager: options.manager ?? systemctl(scope),
    cgroupRoot: options.cgroupRoot ?? '/sys/fs/cgroup',
    procRoot: options.procRoot ?? '/proc',
    user: options.user ?? {
      home: homedir(),
      runtime: process.env['XDG_RUNTIME_DIR'] ?? `/run/user/${process.getuid?.() ?? 0}`,
    },
    clock: options.clock ?? systemClock,
    isOffline,
  }
}
