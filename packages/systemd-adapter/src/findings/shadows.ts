import { posix } from 'node:path'
import type { Effective } from '../host/effective.ts'
import { bytesOf, type UnitEffect } from '../host/effects.ts'
import type { PlannedFile } from '../host/planned-file.ts'
import type { Located } from '../host/resolve.ts'
import type { FindingInput } from './finding-input.ts'
import type { Found } from './found.ts'

/** Findings on what of ours other files defeat, and on lines that systemd passes over. */
export function shadowFindings(input: FindingInput): readonly Found[] {
  const ours = new Map(
    input.files.filter(({ after }) => after !== undefined).map((file) => [file.path, file]),
  )
  return input.effects.flatMap((effect) => [
    ...Object.values(effect.limits).flatMap((limit) => shadowed(effect, limit, ours, input)),
    ...otherShadows(effect, ours),
    ...replacedFiles(effect, ours, input),
    ...ignoredValues(effect),
    ...unknownKeys(effect, input),
  ])
}

type Ours = ReadonlyMap<string, PlannedFile>

/** Digits come before letters: no order brings ours after `override.conf`. */
function fixesFor({ path }: Located): string {
  const isLast = posix.basename(path) > '95-recycler'
  return `Remove that line, or give that file the same name${isLast ? '' : ', or let ours come later (--order 95)'}`
}

function shadowed(
  { unit }: UnitEffect,
  limit: Effective,
  ours: Ours,
  { facts }: FindingInput,
): readonly Found[] {
  const { key, winner, shadowed: losers } = limit
  const own = losers.findLast(({ path }) => ours.has(path))
  if (!own || (winner && ours.has(winner.path))) return []
  const isSame =
    winner && bytesOf(limit, facts.memoryBytes) === bytesOf(asWinner(own), facts.memoryBytes)
  const last = winner ?? losers.at(-1) ?? own
  const sets = isSame ? `sets the same, ${last.value},` : `sets ${last.value}`
  const wins = `${place(last)} ${winner ? sets : 'takes it back'}`
  return [
    {
      level: isSame ? 'warning' : 'error',
      code: 'shadowed',
      unit,
      message: `${key}=${own.value} of ${own.path} does not count: ${wins} and is read later. ${fixesFor(last)}`,
    },
  ]
}

const asWinner = (winner: Located): Effective => ({ ...winner, winner, shadowed: [], ignored: [] })

/** Keys that hold one value, besides those of memory. An administrator may mean it so. */
const OTHERS = [
  'MemoryAccounting',
  'OOMPolicy',
  'Restart',
  'RestartSec',
  'RestartSteps',
  'RestartMaxDelaySec',
  'StartLimitIntervalSec',
  'StartLimitInterval',
  'StartLimitBurst',
  'KillMode',
  'TimeoutStopSec',
  'NotifyAccess',
  'MemoryPressureWatch',
  'MemoryPressureThresholdSec',
]

function otherShadows({ unit, resolution }: UnitEffect, ours: Ours): readonly Found[] {
  return OTHERS.flatMap((key): readonly Found[] => {
    const all = resolution.assignments.filter((each) => each.key === key)
    const own = all.findLast(({ path }) => ours.has(path))
    const last = all.at(-1)
    if (!own || !last || ours.has(last.path) || last.value === own.value) return []
    const message = `${key}=${own.value} of ${own.path} does not count: ${place(last)} sets ${last.value || 'nothing'} and is read later. ${fixesFor(last)}`
    return [{ level: 'warning', code: 'shadowed', unit, message }]
  })
}

/** A file of the same name in a stronger directory takes the place of ours, with all that is in it. */
function replacedFiles(
  { unit, resolution }: UnitEffect,
  ours: Ours,
  { facts }: FindingInput,
): readonly Found[] {
  return resolution.overridden.flatMap(({ path, by }): readonly Found[] => {
    const own = ours.get(path)
    if (!own || ours.has(by)) return []
    // Somebody has taken the trouble: for one instance nothing of it is to count.
    const isMask = facts.snapshot.files.get(by)?.isMask === true
    const keys = keysOf(own.after ?? '').join(', ')
    const level = isMask ? 'warning' : 'error'
    const next = isMask ? 'That is a mask: remove it if it is not meant' : 'Remove that file'
    const why = `${by} has the same name and is stronger`
    const message = `${path} is not read at all, since ${why}: ${keys} of it are lost. ${next}`
    return [{ level, code: 'file_replaced', unit, message }]
  })
}

const keysOf = (text: string): readonly string[] =>
  Array.from(text.matchAll(/^(\w+)=/gm), ([, key = '']) => key)

function ignoredValues({ unit, limits }: UnitEffect): readonly Found[] {
  return Object.values(limits).flatMap(({ key, ignored }) =>
    ignored.map((at): Found => ({
      level: 'warning',
      code: 'value_ignored',
      unit,
      message: `systemd ignores ${key}=${at.value} of ${place(at)} and runs as if the line were not there. Write 2G, 500M or bytes`,
    })),
  )
}

const NEWER: ReadonlySet<string> = new Set([
  'MemoryMax',
  'MemoryHigh',
  'MemoryLow',
  'MemoryMin',
  'MemorySwapMax',
])

/** On an old systemd a newer key is only a line in the journal. */
function unknownKeys({ unit, resolution }: UnitEffect, { facts, features }: FindingInput): Found[] {
  const lines = resolution.assignments.filter(
    ({ section, key }) =>
      section === 'Service' && NEWER.has(key) && !features.memoryKeys.includes(key),
  )
  return lines.map((at) => ({
    level: 'warning',
    code: 'key_unknown',
    unit,
    message: `systemd ${facts.version} does not know ${at.key}=${at.value} of ${place(at)}. ${at.key === 'MemoryMax' ? 'Its word is MemoryLimit' : 'Remove the line'}`,
  }))
}

const place = ({ path, line }: Located): string => `${path}:${line}`
