import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Made by systemd at the first `set-property`; then it stays. */
const LIVE = '/run/systemd/system.control'

/** Everything below these is to be as it was, once all is taken back. */
const PLACES = [
  '/etc/systemd',
  '/run/systemd/system',
  LIVE,
  '/usr/local/libexec',
  '/var/lib/worker-recycler',
]

/** All directories and files that the command may touch: by path, the mode and what is in it. */
export function readTree(places: readonly string[] = PLACES): Readonly<Record<string, string>> {
  const entries: Record<string, string> = {}
  const visit = (path: string) => {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (!stats) return
    const mode = stats.mode.toString(8)
    if (stats.isDirectory()) {
      if (path !== LIVE) entries[path] = mode
      for (const name of readdirSync(path)) visit(join(path, name))
    } else if (stats.isSymbolicLink()) entries[path] = `${mode} ${readlinkSync(path)}`
    else entries[path] = `${mode} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`
  }
  for (const place of places) visit(place)
  return entries
}
