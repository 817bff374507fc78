import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pinnedPnpm, root } from '../../scripts/workspace.mjs'
import { must } from './command.ts'
import { tarballName, type WorkspacePackage } from './workspace-package.ts'

/** A package as it would be published. */
export interface PackedPackage extends WorkspacePackage {
  /** The path of its tarball. */
  readonly tarball: string
}

/** How packages are packed. */
export interface PackOptions {
  /** Where the tarballs go. */
  readonly to: string
  /** Whether to build before. */
  readonly build: boolean
  readonly signal: AbortSignal
}

/** Packs all packages. pnpm turns `workspace:` and `catalog:` into ranges on the way. */
export async function pack(
  packages: readonly WorkspacePackage[],
  { to, build, signal }: PackOptions,
): Promise<PackedPackage[]> {
  const pnpm = ['npx', '--yes', pinnedPnpm(), '--recursive', '--filter', './packages/*']
  if (build) await must([...pnpm, 'run', 'build'], { cwd: root, signal })
  mkdirSync(to, { recursive: true })
  await must([...pnpm, 'pack', '--pack-destination', to], { cwd: root, signal })
  return packages.map((each) => ({ ...each, tarball: join(to, tarballName(each.manifest)) }))
}
