import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export const DIRECTORY: unique symbol = Symbol('directory')

/** A file's content, where a link leads, or an empty directory. */
export type Node = string | Uint8Array | { readonly link: string } | typeof DIRECTORY

/** Writes files by their paths below `root`. */
export function writeTree(root: string, nodes: Readonly<Record<string, Node>>): void {
  for (const [path, node] of Object.entries(nodes)) {
    const place = join(root, path)
    mkdirSync(node === DIRECTORY ? place : dirname(place), { recursive: true })
    if (node === DIRECTORY) continue
    if (typeof node === 'string' || node instanceof Uint8Array) writeFileSync(place, node)
    else symlinkSync(node.link, place)
  }
}
