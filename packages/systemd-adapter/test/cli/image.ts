import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { writeTree } from '../kit/tree.ts'

/** An image that is being built. */
export interface Image {
  readonly root: string
  /** The options that name it. */
  readonly options: readonly string[]
  readonly read: (path: string) => string | undefined
  readonly write: (path: string, text: string) => void
}

/** Where drop-ins of the template are. */
export const DROP_INS = '/etc/systemd/system/worker@.service.d'

/** Makes an image with a template `worker@.service` for systemd 257, and these files. */
export function image(files: Readonly<Record<string, string>> = {}): Image {
  const root = scratchDirectory()
  const write = (path: string, text: string) => writeTree(root, { [path]: text })
  write('/usr/lib/systemd/system/worker@.service', '[Service]\nExecStart=/bin/w\nRestart=always\n')
  for (const [path, text] of Object.entries(files)) write(path, text)
  return {
    root,
    options: ['--root', root, '--systemd-version', '257'],
    read: (path) => {
      const at = join(root, path)
      return existsSync(at) ? readFileSync(at, 'utf8') : undefined
    },
    write,
  }
}
