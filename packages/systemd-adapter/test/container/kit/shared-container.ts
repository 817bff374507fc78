import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { bundlePrograms, type Programs } from '../../../../../test/bundle-programs.ts'
import { bootContainer, type Container } from './container.ts'
import { debianImage } from './image.ts'
import { followJournal, type Journal } from './journal.ts'
import { withoutContainer } from './requirements.ts'

/** The container of a test file; its members work from the first hook or test on. */
export interface SharedContainer {
  /** Whether it was booted: false where its tests are skipped. */
  readonly isThere: () => boolean
  readonly container: () => Container
  readonly journal: () => Journal
}

/** Where the bundled programs are in there: without koffi, and where it is to be found. */
export const PROGRAMS = { plain: '/programs', koffi: '/koffi/programs' } as const
export const NODE = '/opt/node'

const HOST_AGENT = fileURLToPath(new URL('../../fixtures/host-agent.ts', import.meta.url))
const WORKER = fileURLToPath(new URL('../../fixtures/service-worker.ts', import.meta.url))
const KOFFI = fileURLToPath(new URL('../../../node_modules/koffi', import.meta.url))

/** Making the image takes a minute or more, once. */
const MAKE_MS = 900_000

interface Shared {
  readonly container: Container
  readonly journal: Journal
  readonly remove: () => Promise<void>
}

/** Boots one container for the tests of a file, or skips them with the reason why there is none. */
export function sharedContainer(): SharedContainer {
  let shared: Shared | undefined
  let reason = withoutContainer()
  beforeAll(async () => {
    if (reason !== undefined) return
    const image = await debianImage()
    if ('reason' in image) reason = image.reason
    else shared = await boot(image.path)
  }, MAKE_MS)
  beforeEach((context) => {
    if (reason !== undefined) context.skip(reason)
  })
  afterAll(() => shared?.remove())
  const now = () => {
    if (!shared) throw new Error(reason ?? 'the container is booted in a hook')
    return shared
  }
  return {
    isThere: () => shared !== undefined,
    container: () => now().container,
    journal: () => now().journal,
  }
}

async function boot(image: string): Promise<Shared> {
  const programs = await bundlePrograms({ 'host-agent': HOST_AGENT, 'service-worker': WORKER })
  const koffi = copyKoffi()
  const remove = () => {
    programs.remove()
    rmSync(koffi, { recursive: true, force: true })
  }
  try {
    const container = await bootContainer(image, mountsOf(programs, koffi))
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

function mountsOf(programs: Programs, koffi: string): Readonly<Record<string, string>> {
  const folder = dirname(programs.path('host-agent'))
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
