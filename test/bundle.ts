import { afterAll, beforeAll } from 'vitest'
import { bundlePrograms, type Programs } from './bundle-programs.ts'

/** Bundles programs for the tests of one file; gives the path of each by its name. */
export function bundledPrograms(
  entryPoints: Readonly<Record<string, string>>,
): (name: string) => string {
  let programs: Programs | undefined
  beforeAll(async () => {
    programs = await bundlePrograms(entryPoints)
  })
  afterAll(() => programs?.remove())
  return (name) => programs?.path(name) ?? name
}
