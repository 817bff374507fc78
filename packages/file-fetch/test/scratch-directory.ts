import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty directory for one test. */
export function scratchDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'file-fetch-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
