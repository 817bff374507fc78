import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

/**
 * Bundles programs from the sources before the tests of a file, so that they start as fast as built
 * ones; gives the path of each by its name.
 */
export function bundledPrograms(
  entryPoints: Readonly<Record<string, string>>,
): (name: string) => string {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'worker-recycler-programs-'))
    await build({
      entryPoints: { ...entryPoints },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@worker-recycler/source'],
    })
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, `${name}.mjs`)
}
