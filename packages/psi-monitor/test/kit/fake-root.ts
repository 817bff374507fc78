import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A root directory with procfs and cgroupfs as plain files, gone when the test ends. */
export interface FakeRoot {
  readonly root: string
  readonly set: (path: string, text: string) => void
  readonly remove: (path: string) => void
}

/** Makes a root from literals: path to text. */
export function fakeRoot(files: Readonly<Record<string, string>>): FakeRoot {
  const root = mkdtempSync(join(tmpdir(), 'psi-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  const set = (path: string, text: string) => {
    const at = join(root, path)
    mkdirSync(dirname(at), { recursive: true })
    writeFileSync(at, text)
  }
  for (const [path, text] of Object.entries(files)) set(path, text)
  return { root, set, remove: (path) => rmSync(join(root, path), { recursive: true }) }
}
