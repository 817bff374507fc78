import { chmodSync, copyFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundlePrograms } from '../../bundle-programs.ts'
import { command } from './command.ts'

const HERE = fileURLToPath(new URL('..', import.meta.url))
const MB = 2 ** 20

/** Puts all that a host needs of the example into a folder, as its README has it. */
const BUILD = '../../examples/redis-systemd-worker/build'

/** Threads that programs start by the path of a file beside them. */
const THREADS = { 'sampler-thread': '../../packages/psi-monitor/src/thread/sampler-thread.ts' }

/** Makes a disk image of the program `guest`, those of `test/vm/programs`, and this very Node.js. */
export async function makeProgramsDisk(file: string, signal: AbortSignal): Promise<void> {
  const files = [
    ['guest', 'guest/main.ts'],
    ...Object.entries(THREADS),
    ...readdirSync(join(HERE, 'programs')).map((name) => [name.slice(0, -3), `programs/${name}`]),
  ]
  const programs = await bundlePrograms(
    Object.fromEntries(files.map(([name, path]) => [name, join(HERE, path ?? '')])),
  )
  try {
    const folder = dirname(programs.path('guest'))
    // A service of another user runs them too.
    chmodSync(folder, 0o755)
    copyFileSync(process.execPath, join(folder, 'node'))
    await command(join(HERE, BUILD), [join(folder, 'job-worker')], signal)
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    const bytes = names.reduce((sum, each) => sum + statSync(join(folder, each)).size, 0)
    const size = `${Math.ceil((bytes * 1.1) / MB) + 16}M`
    await command(
      'mke2fs',
      ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', folder, file, size],
      signal,
    )
  } finally {
    programs.remove()
  }
}
