import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundlePrograms } from '../../../../../test/bundle-programs.ts'
import { bootContainer, type Container } from './container.ts'
import { followJournal, type Journal } from './journal.ts'

/** A container with programs of ours in it, and its journal. */
export interface BootedContainer {
  readonly container: Container
  readonly journal: Journal
  readonly remove: () => Promise<void>
}

/** Where the bundled programs are in there: without koffi, and where it is to be found. */
export const PROGRAMS = { plain: '/programs', koffi: '/koffi/programs' } as const
export const NODE = '/opt/node'

const KOFFI = fileURLToPath(new URL('../../../node_modules/koffi', import.meta.url))

/** Boots a container with these programs, by their names without an ending, bundled from their sources. */
export async function bootWithPrograms(
  image: string,
  sources: Readonly<Record<string, string>>,
  controllers: readonly string[] = [],
): Promise<BootedContainer> {
  const programs = await bundlePrograms(sources)
  const koffi = copyKoffi()
  const remove = () => {
    programs.remove()
    rmSync(koffi, { recursive: true, force: true })
  }
  try {
    const folder = dirname(programs.path(''))
    const container = await bootContainer(image, mountsOf(folder, koffi), controllers)
    const journal = await followJournal(container)
    return {
      container,
      journal,
      remove: async () => {
        await container.stop()
        await journal.ended
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

function mountsOf(folder: string, koffi: string): Readonly<Record<string, string>> {
  // Services of other users run them.
  for (const each of [folder, koffi]) chmodSync(each, 0o755)
  return {
    [NODE]: process.execPath,
    [PROGRAMS.plain]: folder,
    [PROGRAMS.koffi]: folder,
    [join(dirname(PROGRAMS.koffi), 'node_modules')]: koffi,
  }
}

/** The package and its binary, without the links by which the package manager has them. */
function copyKoffi(): string {
  const folder = mkdtempSync(join(tmpdir(), 'worker-recycler-koffi-'))
  cpSync(dirname(realpathSync(KOFFI)), folder, { recursive: true, dereference: true })
  return folder
}
