import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolders, root } from '../../scripts/workspace.mjs'

/** What of a `package.json` is looked at here. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** A package of the workspace. */
export interface WorkspacePackage {
  readonly manifest: Manifest
  /** Its folder's name. */
  readonly folder: string
  /** What it can be imported by; none when it has commands only. */
  readonly specifiers: readonly string[]
  /** The names of its commands. */
  readonly commands: readonly string[]
  /** The text of its README; empty without one. */
  readonly readme: string
}

/** All packages that are published. */
export function workspacePackages(): WorkspacePackage[] {
  return packageFolders(['packages']).map((path) => {
    const manifest = JSON.parse(read(join(path, 'package.json'))) as Manifest
    return {
      manifest,
      folder: path.replace('packages/', ''),
      specifiers: specifiersOf(manifest),
      commands: Object.keys(manifest.bin ?? {}),
      readme: existsSync(join(root, path, 'README.md')) ? read(join(path, 'README.md')) : '',
    }
  })
}

/** What a package can be imported by, but for its JSON. */
export function specifiersOf({ name, exports = {} }: Manifest): string[] {
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => path.replace('.', name))
}

/** The file name that `pnpm pack` gives a package. */
export function tarballName({ name, version }: Manifest): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
