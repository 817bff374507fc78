import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll } from 'vitest'

/** Makes one file of a fixture, which plain Node runs at once. To be called while a test file is loaded. */
export async function bundleFixture(name: 'worker' | 'recoverer' | 'producer'): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), 'file-fetch-fixture-'))
  afterAll(() => rmSync(outdir, { recursive: true, force: true }))
  const entry = fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url))
  await build({
    entryPoints: [entry],
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@worker-recycler/source'],
    logLevel: 'silent',
  })
  return join(outdir, `${basename(name)}.mjs`)
}
