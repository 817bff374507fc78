import { createHash } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { parseShow } from '../../../src/transport/systemctl.ts'
import type { Container } from './container.ts'

const UNITS = '/etc/systemd/system'

/** Writes a file in the container, and the directories above it. */
export function writeInside({ root }: Container, path: string, text: string, mode = 0o644): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, { mode })
}

/** Writes units, or drop-ins, by their paths below `/etc/systemd/system`, and has them read. */
export async function addUnits(
  container: Container,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) writeInside(container, join(UNITS, path), text)
  await container.run('systemctl', 'daemon-reload')
}

/** A service of these lines. */
export function service(...lines: readonly string[]): string {
  return `[Service]\n${lines.join('\n')}\n`
}

/** What the manager says of a unit: the independent witness of these tests. */
export async function show(
  container: Container,
  unit: string,
  ...properties: readonly string[]
): Promise<Readonly<Record<string, string>>> {
  const asked = ['Id', ...properties].join(',')
  const text = await container.run('systemctl', 'show', `--property=${asked}`, '--', unit)
  const { Id: _, ...shown } = parseShow(text).get(unit) ?? {}
  return shown
}

/** All that is below a directory: by path, its mode and what is in it. */
export function treeOf({ root }: Container, directory: string): Readonly<Record<string, string>> {
  const entries: Record<string, string> = {}
  const visit = (path: string) => {
    const place = join(root, path)
    const stats = lstatSync(place)
    entries[path] = `${stats.mode.toString(8)} ${contentOf(place, stats)}`
    if (stats.isDirectory()) for (const name of readdirSync(place)) visit(join(path, name))
  }
  visit(directory)
  return entries
}

function contentOf(place: string, stats: Stats): string {
  if (stats.isSymbolicLink()) return readlinkSync(place)
  return stats.isFile() ? createHash('sha256').update(readFileSync(place)).digest('hex') : ''
}
