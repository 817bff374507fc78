import { execFile, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { scratchDirectory } from './scratch-directory.ts'
import { writeTree } from './tree.ts'

const SYSTEMD = '/lib/systemd/systemd'
const NOBODY = 65534
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
const TARGET = 'recycler-oracle.target'

/** What the real systemd makes of a unit. */
export interface Seen {
  readonly loadState: string
  readonly fragment: string | undefined
  readonly dropIns: readonly string[]
  /** The first line of each key, as it prints them. */
  readonly properties: Readonly<Record<string, string>>
  /** By key, e.g. `ExecStopPost`; quoted for a shell. */
  readonly commands: Readonly<Record<string, readonly string[]>>
}

/** Why there is no systemd to ask; undefined where there is. */
export function reasonNotToAsk(): string | undefined {
  if (!existsSync(SYSTEMD)) return `there is no ${SYSTEMD}: install the package systemd`
  const { status, stderr } = spawnSync(SYSTEMD, ['--version'], { encoding: 'utf8' })
  if (status !== 0) return `${SYSTEMD}: ${stderr.trim()}`
  return undefined
}

/** All that systemd knows, by the names of the units. It loads `units`, and runs nothing. */
export async function askSystemd(
  lookupPath: readonly string[],
  units: readonly string[],
): Promise<{ readonly seen: ReadonlyMap<string, Seen>; readonly log: string }> {
  const home = scratchDirectory()
  if (asNobody.uid !== undefined) chownSync(home, NOBODY, NOBODY)
  const own = join(home, 'units')
  mkdirSync(own)
  const wants = units.map((unit) => `Wants=${unit}\n`).join('')
  writeFileSync(join(own, TARGET), `[Unit]\n${wants}`)
  const { stdout, stderr } = await promisify(execFile)(
    SYSTEMD,
    ['--user', '--test', `--unit=${TARGET}`],
    {
      ...asNobody,
      cwd: home,
      env: {
        SYSTEMD_UNIT_PATH: [...lookupPath, own].join(':'),
        XDG_RUNTIME_DIR: home,
        HOME: home,
      },
      maxBuffer: 2 ** 30,
    },
  )
  return { seen: parseDump(stdout), log: stderr }
}

/** Of which systemd takes percentages. */
export async function hostMemory(): Promise<number> {
  const root = scratchDirectory()
  writeTree(root, { 'all.service': '[Service]\nExecStart=/bin/true\nMemoryMax=100%\n' })
  const { seen } = await askSystemd([root], ['all.service'])
  return Number(seen.get('all.service')?.properties['MemoryMax'])
}

function parseDump(dump: string): ReadonlyMap<string, Seen> {
  const all = new Map<string, Seen>()
  for (const part of dump.split('\n\t-> Unit ').slice(1)) {
    const [head = '', ...lines] = part.split('\n')
    const properties: Record<string, string> = {}
    const commands: Record<string, string[]> = {}
    const dropIns: string[] = []
    let command = ''
    for (const line of lines) {
      const [, section] = /^\t\t-> (.*):$/.exec(line) ?? []
      if (section !== undefined) command = section
      const [, key = '', value = ''] = /^\t+([^:]+): ?(.*)$/s.exec(line) ?? []
      if (key === 'DropIn Path') dropIns.push(value)
      else if (key === 'Command Line') (commands[command] ??= []).push(value)
      else properties[key] ??= value
    }
    all.set(head.slice(0, -1), {
      loadState: properties['Unit Load State'] ?? '',
      fragment: properties['Fragment Path'],
      dropIns,
      properties,
      commands,
    })
  }
  return all
}
