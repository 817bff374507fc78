import { copyFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from './cache.ts'
import { command } from './command.ts'

// Newer kernels of Debian do not come up in the QEMU of Debian 12. This one has NVMe and ext4 built in,
// so that it needs neither modules nor an initial file system.
const RECIPE = ['--variant=extract', '--include=linux-image-cloud-amd64', 'bookworm']

/** The path of the kernel of all machines. */
export function kernel(rebuild: boolean, signal: AbortSignal): Promise<string> {
  return cached(
    {
      name: 'kernel',
      inputs: RECIPE,
      make: async (file, folder) => {
        await command('mmdebstrap', [...RECIPE, folder], signal)
        const boot = join(folder, 'boot')
        const name = readdirSync(boot).find((each) => each.startsWith('vmlinuz-'))
        if (name === undefined) throw new Error('linux-image-cloud-amd64 holds no kernel')
        copyFileSync(join(boot, name), file)
      },
    },
    rebuild,
  )
}
