import { posix } from 'node:path'
import { isChange, type PlannedFile } from '../host/planned-file.ts'
import { isOursUnchanged } from '../unit-file/render.ts'
import type { FindingInput } from './finding-input.ts'
import type { Found } from './found.ts'

/** Findings on the files of a plan, and on what it had to leave out. */
export function fileFindings(input: FindingInput): readonly Found[] {
  const { files, dropped, left = [] } = input
  return [
    ...files.flatMap((file) => [...foreignEdit(file, input), ...takenAway(file, input)]),
    ...left.map((path) =>
      found(
        'warning',
        'foreign_edit',
        `${path} is wanted no more, but was changed by somebody else: it stays and goes on counting. Remove it, or insist with --replace-edited`,
      ),
    ),
    ...symbolicLinks(input),
    ...unreadable(input),
    ...dropped.map((message) => found('warning', 'not_supported', message)),
  ]
}

/** Written by us once and edited since, or never by us; files of `set-property` are nobody's own. */
function foreignEdit(file: PlannedFile, { facts, request }: FindingInput): readonly Found[] {
  const { path, before } = file
  if (before === undefined || !isChange(file) || isLive(path, facts.livePath)) return []
  if (isOursUnchanged(before)) return []
  // What is no UTF-8 could not be put back as it was.
  if (before.includes('\u{FFFD}')) {
    const message = `${path} is not ours, and no text: move it away`
    return [found('error', 'foreign_edit', message)]
  }
  return request.replaceEdited
    ? [found('warning', 'foreign_edit', `${path} was changed by somebody else, and is replaced`)]
    : [
        found(
          'error',
          'foreign_edit',
          `${path} was changed by somebody else: take the change over into your request, or replace the file with --replace-edited`,
        ),
      ]
}

/** What goes although nobody has asked for it by name. */
function takenAway({ path, after }: PlannedFile, { facts, request }: FindingInput): Found[] {
  if (after !== undefined) return []
  const unit = posix.basename(posix.dirname(path)).slice(0, -'.d'.length)
  if (isLive(path, facts.livePath)) {
    const message = `${unit}: ${path}, of systemctl set-property --runtime, is taken away: it would go on defeating what is written now`
    return [found('info', 'live_replaced', message)]
  }
  if (unit === request.target) return []
  const message = `${unit}: ${path} is taken away, as the request has no override for this instance. Name it there to keep it`
  return [found('warning', 'override_removed', message)]
}

/** The directories of drop-ins must be directories; where the path above leads is the host's own affair. */
function symbolicLinks({ files, facts }: FindingInput): readonly Found[] {
  const links = facts.snapshot.links ?? new Map<string, string>()
  const directories = new Set(files.map(({ path }) => posix.dirname(path)))
  return [...directories].flatMap((directory) => {
    const above = posix.dirname(directory)
    const real = links.get(directory)
    const expected = posix.join(links.get(above) ?? above, posix.basename(directory))
    if (real === undefined || real === expected) return []
    return [
      found(
        'error',
        'symbolic_link',
        `${directory} is a symbolic link to ${real}: what is written there would land there, and count for that. Put a directory in its place`,
      ),
    ]
  })
}

function unreadable({ facts }: FindingInput): readonly Found[] {
  return Array.from(facts.snapshot.unreadable ?? [], ([path, reason]) =>
    found(
      'warning',
      'file_unreadable',
      `${path} cannot be read (${reason}), so that what it sets is not known. Plan as root`,
    ),
  )
}

const isLive = (path: string, livePath: string): boolean =>
  path.startsWith(`${livePath}/`) && posix.basename(path).startsWith('50-Memory')

const found = (level: Found['level'], code: string, message: string): Found => ({
  level,
  code,
  message,
})
