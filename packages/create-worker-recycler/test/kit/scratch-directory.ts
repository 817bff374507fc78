import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const own = fileURLToPath(new URL('../../.temp', import.meta.url))

/** An empty directory, below the package: what is written there finds the workspace's dependencies. */
export function scratchDirectory(): { readonly path: string; readonly remove: () => void } {
  mkdirSync(own, { recursive: true })
  const path = mkdtempSync(join(own, 'test-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
