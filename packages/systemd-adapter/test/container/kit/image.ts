import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** Ignored by git. */
const CACHE = fileURLToPath(new URL('../../../../../.temp/container', import.meta.url))

const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'polkitd', 'libstdc++6', 'libatomic1']
const UNREAD = ['doc', 'info', 'locale', 'man']

/** Nobody looks at these, and they cost time. */
const MASKED = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'console-getty.service',
  'dev-hugepages.mount',
  'dpkg-db-backup.timer',
  'sys-fs-fuse-connections.mount',
  'systemd-journal-flush.service',
  'systemd-sysusers.service',
  'systemd-tmpfiles-clean.timer',
  'systemd-update-utmp.service',
  'systemd-update-utmp-runlevel.service',
]

const RECIPE = [
  '--quiet',
  '--variant=essential',
  `--include=${PACKAGES.join(',')}`,
  // A mirror may lag, and a host's clock may be off; the signature is checked all the same.
  '--aptopt=Acquire::Check-Valid-Until "false"',
  '--dpkgopt=force-unsafe-io',
  ...UNREAD.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`),
  `--customize-hook=chroot "$1" systemctl --quiet mask ${MASKED.join(' ')}`,
  // They run at every reload, and there is nothing for them to find.
  '--customize-hook=rm "$1"/lib/systemd/system-generators/*',
  'bookworm',
]

/** Of several at once one makes it; whole or not at all, whatever ends the process. */
const MAKE = `
  test -e "$0" && exit
  find "$(dirname "$0")" -mindepth 1 -maxdepth 1 -exec rm -rf {} +
  mmdebstrap "$@" "$0.part" && mv "$0.part" "$0"`

const HASH_LETTERS = 12
/** What apt says without a network. */
const UNREACHABLE = /resolve|connect|reach|fetch|timed out/i

/** An image, or why there is none. */
export type Image = { readonly path: string } | { readonly reason: string }

/** A directory with a Debian 12, and so systemd 252; made once, and again when its recipe changes. */
export async function debianImage(): Promise<Image> {
  const hash = createHash('sha256').update(JSON.stringify(RECIPE)).digest('hex')
  const path = join(CACHE, hash.slice(0, HASH_LETTERS))
  mkdirSync(CACHE, { recursive: true })
  try {
    await promisify(execFile)('flock', [CACHE, 'sh', '-c', MAKE, path, ...RECIPE])
    return { path }
  } catch (error) {
    const stderr = (error as { readonly stderr?: string }).stderr?.trim() ?? ''
    const line = stderr.split('\n').findLast((each) => each.startsWith('E: '))
    if (line === undefined || !UNREACHABLE.test(stderr)) throw error
    return { reason: `no Debian could be made: ${line}` }
  }
}
