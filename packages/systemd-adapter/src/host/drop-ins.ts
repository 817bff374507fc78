import { posix } from 'node:path'
import type { ConcernInput, Wanted } from '../concerns/concern.ts'
import { CONCERNS } from '../concerns/concerns.ts'
import { HOOK_MODE, hookOf, hookText } from '../concerns/hook.ts'
import { limitSettings, limitsOf } from '../concerns/limits.ts'
import { isOursUnchanged, renderDropIn } from '../unit-file/render.ts'
import { instanceOf, parseUnitName } from '../unit-file/unit-name.ts'
import { touchedKeys } from './drift.ts'
import { isOurName, type PlannedFile } from './planned-file.ts'

/** After a vendor's files, before `50-...` (`systemctl set-property`) and `override.conf`. */
const DEFAULT_ORDER = '45'
const FILE_MODE = 0o644

/** The files that a request comes to, and what had to be left out. */
export interface DropIns {
  readonly files: readonly PlannedFile[]
  readonly dropped: readonly string[]
  /** Files with a name of ours that are wanted no more and are not ours, so that they stay. */
  readonly left: readonly string[]
}

/** The name of a concern's file. The same name at every level: else the levels do not replace each other. */
function dropInName(concern: string, order: string = DEFAULT_ORDER): string {
  return `${order}-recycler-${concern}.conf`
}

/**
 * Works out every file: one for each concern at the target's level, one with limits for each instance
 * that has its own. An instance's file is rendered whole, since it takes the place of its template's.
 * Files of ours that are wanted no more are taken away.
 */
export function planDropIns(input: ConcernInput): DropIns {
  const { request, facts } = input
  const target = parseUnitName(request.target)
  const wanted = new Map<string, string>()
  const dropped: string[] = []
  const add = (unit: string, concern: string, { settings, dropped: out }: Wanted) => {
    dropped.push(...out)
    if (settings.length === 0) return
    const path = posix.join(facts.writePath, `${unit}.d`, dropInName(concern, request.order))
    wanted.set(path, renderDropIn(settings))
  }
  for (const [concern, settingsOf] of Object.entries(CONCERNS)) {
    add(target.full, concern, settingsOf(input))
  }
  for (const [instance, limits] of Object.entries(request.overrides ?? {})) {
    const all = { ...limitsOf(request), ...limits }
    add(instanceOf(target, instance).full, 'limits', limitSettings(all, input))
  }
  const written = Array.from(wanted, ([path, after]) => fileAt(path, input, after))
  const { stale, left } = unwanted(wanted, input)
  const files = [...hookFile(input), ...written, ...stale, ...liveFiles(written, input)]
  return { files, dropped: [...new Set(dropped)], left }
}

/** The program before the drop-in that names it. */
function hookFile({ request, facts, features }: ConcernInput): readonly PlannedFile[] {
  const hook = hookOf(request)
  if (!hook || !features.endIsTold) return []
  const { text: before, mode: beforeMode } = facts.hook ?? {}
  const was = before !== undefined && beforeMode !== undefined && { before, beforeMode }
  return [{ path: hook.path, ...was, after: hookText, mode: HOOK_MODE }]
}

/**
 * What `systemctl set-property --runtime` left behind, as head-room does: its files are read after ours
 * and would defeat every change of a key that we set.
 */
function liveFiles(written: readonly PlannedFile[], input: ConcernInput): readonly PlannedFile[] {
  const { livePath, snapshot } = input.facts
  const keys = [...touchedKeys(written)]
  const paths = unitsOf(input).flatMap((unit) =>
    keys.map((key) => posix.join(livePath, `${unit}.d`, `50-${key}.conf`)),
  )
  return paths.filter((path) => snapshot.files.has(path)).map((path) => fileAt(path, input))
}

function unwanted(
  wanted: ReadonlyMap<string, string>,
  input: ConcernInput,
): { readonly stale: readonly PlannedFile[]; readonly left: readonly string[] } {
  const { facts, request } = input
  const directories = new Set(
    unitsOf(input).map((unit) => posix.join(facts.writePath, `${unit}.d`)),
  )
  const rest = [...facts.snapshot.files.keys()]
    .filter((path) => directories.has(posix.dirname(path)) && isOurName(path) && !wanted.has(path))
    .map((path) => fileAt(path, input))
  const isStale = ({ before = '' }: PlannedFile) =>
    request.replaceEdited === true || isOursUnchanged(before)
  return {
    stale: rest.filter((file) => isStale(file)),
    left: rest.filter((file) => !isStale(file)).map(({ path }) => path),
  }
}

/** The target, and what is known of its instances. */
const unitsOf = ({ request, facts }: ConcernInput): readonly string[] => [
  ...new Set([request.target, ...facts.units.map(({ name }) => name)]),
]

/** The change of one file; without `after` it goes. */
function fileAt(path: string, { facts }: ConcernInput, after?: string): PlannedFile {
  const entry = facts.snapshot.files.get(path)
  return {
    path,
    ...(entry && { before: Buffer.from(entry.bytes).toString() }),
    ...(entry?.mode !== undefined && { beforeMode: entry.mode }),
    ...(after !== undefined && { after, mode: FILE_MODE }),
  }
}
