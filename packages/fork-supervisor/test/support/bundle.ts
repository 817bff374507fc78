import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

const packageFolder = fileURLToPath(new URL('../..', import.meta.url))

/** Bundles worker programs from the sources for the tests of one file; gives the path of each. */
export function bundled(): (name: string) => string {
  let folder = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fork-supervisor-'))
    const fixtures = [
      'polite',
      'leaky',
      'deaf',
      'crash',
      'garbage',
      'unsupervised',
      'brief',
      'parent',
      'asking',
      'recycler',
    ]
    await build({
      entryPoints: {
        ...Object.fromEntries(
          fixtures.map((name) => [name, join(packageFolder, 'test/fixtures', `${name}.ts`)]),
        ),
        cli: join(packageFolder, 'src/cli/main.ts'),
      },
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@worker-recycler/source'],
    })
    for (const name of ['plain.mjs', 'relay.mjs']) {
      cpSync(join(packageFolder, 'test/fixtures', name), join(folder, name))
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => join(folder, `${name}.mjs`)
}
