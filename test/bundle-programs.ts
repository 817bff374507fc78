import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'

/** Programs that start as fast as built ones. */
export interface Programs {
  /** The path of a program by its name. */
  readonly path: (name: string) => string
  readonly remove: () => void
}

/** Bundles programs from the sources, so that nothing has to be built before. */
export async function bundlePrograms(
  entryPoints: Readonly<Record<string, string>>,
): Promise<Programs> {
  const folder = mkdtempSync(join(tmpdir(), 'worker-recycler-programs-'))
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
    // What dependencies in CommonJS ask for is there only in a module that has a `require`.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
    },
  })
  return {
    path: (name) => join(folder, `${name}.mjs`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
