import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { installedWith, type LockFile } from './installed-with.ts'
import type { PackedPackage } from './pack.ts'
import type { PackageFigures } from './results.ts'

/** Weighs a package that is installed in a project. */
export async function figuresOf(packed: PackedPackage, project: string): Promise<PackageFigures> {
  const { manifest, specifiers, tarball } = packed
  const lock = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as LockFile
  const bundle = specifiers.includes(manifest.name) ? await bundled(packed, project) : null
  return {
    package: manifest.name,
    tarballBytes: statSync(tarball).size,
    unpackedBytes: bytesIn(join(project, 'node_modules', manifest.name)),
    bundleBytes: bundle?.length ?? null,
    bundleGzipBytes: bundle === null ? null : gzipSync(bundle, { level: 9 }).length,
    dependencies: installedWith(lock, manifest.name, false).size,
    dependenciesWithPeers: installedWith(lock, manifest.name, true).size,
  }
}

/** The main entry with its dependencies, minified; what the application has anyway is left out. */
async function bundled({ manifest }: PackedPackage, project: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${manifest.name}'`, resolveDir: project },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: Object.keys(manifest.peerDependencies ?? {}),
    write: false,
    logLevel: 'error',
  })
  return outputFiles[0]?.contents ?? new Uint8Array()
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .map((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? bytesIn(path) : statSync(path).size
    })
    .reduce((sum, bytes) => sum + bytes, 0)
}
