import { statSync } from 'node:fs'
import { posix } from 'node:path'
import { type HostSettings, resolveSettings, type SystemdHostOptions } from '../host/settings.ts'
import { checked, Mistake } from './mistake.ts'
import type { OptionValues } from './options.ts'

/** Where limits are set, by the options of the command line. Throws a `Mistake` for what does not fit. */
export function hostOptionsOf(values: OptionValues): SystemdHostOptions {
  const { user, runtime, root } = values
  const version = versionOf(values['systemd-version'])
  const hierarchy = hierarchyOf(values.cgroup)
  const options = {
    scope: user ? 'user' : 'system',
    persistence: runtime ? 'runtime' : 'persistent',
  } as const
  if (root === undefined) {
    if (version !== undefined) throw new Mistake('--systemd-version belongs to --root')
    if (hierarchy !== undefined) throw new Mistake('--cgroup belongs to --root')
    return options
  }
  if (user) throw new Mistake('--user and --root exclude each other')
  if (runtime) throw new Mistake('--runtime and --root exclude each other: an image keeps no /run')
  const isDirectory = statSync(root, { throwIfNoEntry: false })?.isDirectory() ?? false
  if (!isDirectory) throw new Mistake(`--root: ${JSON.stringify(root)} is no directory`)
  const at = posix.resolve(root)
  if (at === '/') throw new Mistake('--root takes the root of an image, and / is this host')
  if (version === undefined) {
    throw new Mistake('--root needs --systemd-version: no systemd runs there to be asked')
  }
  return { ...options, root: at, version, ...(hierarchy && { hierarchy }) }
}

/** The same with every default filled in. */
export function hostSettingsOf(values: OptionValues): HostSettings {
  return checked('--root', () => resolveSettings(hostOptionsOf(values)))
}

function versionOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const version = Number(/^v?(\d{3})(?!\d)/.exec(text)?.[1])
  if (version >= 200) return version
  throw new Mistake(
    `--systemd-version takes a version such as 252 or 257.13, not ${JSON.stringify(text)}`,
  )
}

const HIERARCHIES = { v1: 'legacy', v2: 'unified' } as const

function hierarchyOf(text: string | undefined): 'legacy' | 'unified' | undefined {
  if (text === undefined) return undefined
  if (text === 'v1' || text === 'v2') return HIERARCHIES[text]
  throw new Mistake(`--cgroup takes v1 or v2, not ${JSON.stringify(text)}`)
}
