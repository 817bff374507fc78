import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Images, kernels, and the consoles of machines that failed; ignored by git. */
export const CACHE = fileURLToPath(new URL('../../../.temp/vm', import.meta.url))

/** Something that is made once, and again when what it is made of changed. */
export interface Recipe {
  readonly name: string
  /** Everything that decides what comes out; compared as JSON. */
  readonly inputs: unknown
  /** Makes the file; `folder` is for what is needed on the way. */
  readonly make: (file: string, folder: string) => Promise<void>
}

/** The path of what the recipe makes; it is made when it is not there, or when `rebuild` asks for it. */
export async function cached(recipe: Recipe, rebuild: boolean): Promise<string> {
  const { name, inputs, make } = recipe
  const hash = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12)
  const path = join(CACHE, `${name}-${hash}`)
  if (existsSync(path) && !rebuild) return path
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'making-'))
  try {
    const file = join(folder, 'made')
    await make(file, join(folder, 'parts'))
    for (const old of readdirSync(CACHE)) {
      if (old.startsWith(`${name}-`)) rmSync(join(CACHE, old))
    }
    // Whole or not at all, whatever ends this process.
    renameSync(file, path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return path
}
