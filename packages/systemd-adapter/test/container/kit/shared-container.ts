import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { bootWithPrograms, type BootedContainer } from './booted-container.ts'
import type { Container } from './container.ts'
import { debianImage } from './image.ts'
import type { Journal } from './journal.ts'
import { withoutContainer } from './requirements.ts'

export { NODE, PROGRAMS } from './booted-container.ts'

/** The container of a test file; its members work from the first hook or test on. */
export interface SharedContainer {
  /** Whether it was booted: false where its tests are skipped. */
  readonly isThere: () => boolean
  readonly container: () => Container
  readonly journal: () => Journal
}

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))
const PROGRAM_SOURCES = {
  'host-agent': fixture('host-agent.ts'),
  'service-worker': fixture('service-worker.ts'),
}

/** Making the image takes a minute or more, once. */
const MAKE_MS = 900_000

/** Boots one container for the tests of a file, or skips them with the reason why there is none. */
export function sharedContainer(): SharedContainer {
  let shared: BootedContainer | undefined
  let reason = withoutContainer()
  beforeAll(async () => {
    if (reason !== undefined) return
    const image = await debianImage()
    if ('reason' in image) reason = image.reason
    else shared = await bootWithPrograms(image.path, PROGRAM_SOURCES)
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
