import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROGRAMS } from '../guest/programs.ts'
import { cached } from './cache.ts'
import { command } from './command.ts'

const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'mount', 'libstdc++6', 'libatomic1']

const UNITS = '/etc/systemd/system'
const NAME = 'run-checks.service'

const UNIT = `\
[Unit]
Description=Checks of the host
After=multi-user.target

[Service]
Type=oneshot
ExecStartPre=/bin/mkdir -p ${PROGRAMS}
ExecStartPre=/bin/mount -o ro /dev/nvme1n1 ${PROGRAMS}
ExecStart=${PROGRAMS}/node ${PROGRAMS}/guest.mjs
ExecStopPost=/bin/systemctl poweroff --force --force
StandardOutput=journal+console
StandardError=inherit

[Install]
WantedBy=multi-user.target
`

const MAKE_FILE_SYSTEM = ['-q', '-t', 'ext4', '-O', '^has_journal']
const SIZE = '1G'

/** The path of the disk image of a Debian with systemd that runs the program `guest` at boot. */
export function systemDisk(
  debian: string,
  packages: readonly string[],
  rebuild: boolean,
  signal: AbortSignal,
): Promise<string> {
  const bootstrap = [
    '--variant=essential',
    `--include=${[...PACKAGES, ...packages].join(',')}`,
    // A mirror may lag, and a host's clock may be off; the signature is checked all the same.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    debian,
  ]
  return cached(
    {
      name: debian,
      inputs: [bootstrap, UNIT, MAKE_FILE_SYSTEM, SIZE],
      make: async (file, folder) => {
        await command('mmdebstrap', [...bootstrap, folder], signal)
        addUnit(folder)
        await command('mke2fs', [...MAKE_FILE_SYSTEM, '-d', folder, file, SIZE], signal)
      },
    },
    rebuild,
  )
}

function addUnit(root: string): void {
  const units = join(root, UNITS)
  const wants = join(units, 'multi-user.target.wants')
  mkdirSync(wants, { recursive: true })
  writeFileSync(join(units, NAME), UNIT)
  symlinkSync(join(UNITS, NAME), join(wants, NAME))
  // The console is for reading.
  symlinkSync('/dev/null', join(units, 'serial-getty@ttyS0.service'))
}
