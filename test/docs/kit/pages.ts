import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The workspace's folder. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url))

/** Reads a file of the workspace. */
export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Every page that people read, by its path from the root. */
export function pages(): string[] {
  const inFolders = (folder: string) =>
    readdirSync(join(ROOT, folder)).map((name) => `${folder}/${name}/README.md`)
  const candidates = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`),
    ...inFolders('packages'),
    ...inFolders('examples'),
  ]
  return candidates.filter((path) => path.endsWith('.md') && existsSync(join(ROOT, path)))
}
