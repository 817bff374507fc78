import { readFileSync, readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** Where the scripts put what they write on the way; ignored by git. */
export const temp = join(root, '.temp')

export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'))
}

/** The folders of the workspace's packages, relative to the root, in a stable order. */
export function packageFolders(kinds = ['packages', 'examples']) {
  return kinds.flatMap((kind) => {
    if (!existsSync(join(root, kind))) return []
    const names = readdirSync(join(root, kind)).toSorted()
    return names
      .map((name) => `${kind}/${name}`)
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
  })
}

/** The pinned package manager, such as `pnpm@10.0.0`; a hash behind the version is left out. */
export function pinnedPnpm() {
  return readJson(join(root, 'package.json')).packageManager.split('+')[0]
}
