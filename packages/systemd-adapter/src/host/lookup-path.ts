import { posix } from 'node:path'

/** Whose units: the system's, or those of the user that runs this. */
export type Scope = 'system' | 'user'

/** Where files are written: for good, or until the next boot. */
export type Persistence = 'persistent' | 'runtime'

/** What a user's directories depend on. */
export interface UserDirectories {
  readonly home: string
  /** `$XDG_RUNTIME_DIR`. */
  readonly runtime: string
}

/** systemd.unit(5), "Unit File Load Path": what stands first wins. */
const SYSTEM_PATHS = [
  '/etc/systemd/system.control',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/usr/local/lib/systemd/system',
  // Debian up to 12; where `/lib` is a link, it leads to the next one.
  '/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/run/systemd/generator.late',
]

/** The directories in which units are looked for, the strongest first. */
export function lookupPath(scope: Scope, user: UserDirectories): readonly string[] {
  if (scope === 'system') return SYSTEM_PATHS
  const home = (path: string) => posix.join(user.home, path)
  const runtime = (path: string) => posix.join(user.runtime, 'systemd', path)
  return [
    home('.config/systemd/user.control'),
    runtime('user.control'),
    runtime('transient'),
    runtime('generator.early'),
    home('.config/systemd/user'),
    '/etc/xdg/systemd/user',
    '/etc/systemd/user',
    runtime('user'),
    '/run/systemd/user',
    runtime('generator'),
    home('.local/share/systemd/user'),
    '/usr/local/share/systemd/user',
    '/usr/share/systemd/user',
    '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user',
    runtime('generator.late'),
  ]
}

/** Where drop-ins are written. */
export function writePath(scope: Scope, persistence: Persistence, user: UserDirectories): string {
  if (scope === 'system') {
    return persistence === 'persistent' ? '/etc/systemd/system' : '/run/systemd/system'
  }
  return persistence === 'persistent'
    ? posix.join(user.home, '.config/systemd/user')
    : posix.join(user.runtime, 'systemd/user')
}

/** Where `systemctl set-property --runtime` leaves its files; a directory of its own from 230 on. */
export function livePath(scope: Scope, user: UserDirectories, version: number): string {
  const name = version < 230 ? scope : `${scope}.control`
  return scope === 'system' ? `/run/systemd/${name}` : posix.join(user.runtime, 'systemd', name)
}
