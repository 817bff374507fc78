import { posix } from 'node:path'
import { type LimitPlan, RecyclerError } from '@worker-recycler/core'
import type { ConcernInput } from '../concerns/concern.ts'
import { findingsOf } from '../findings/findings.ts'
import { isTemplate, parseUnitName } from '../unit-file/unit-name.ts'
import { commandsOf } from './commands.ts'
import { planDropIns } from './drop-ins.ts'
import { effectOf, type UnitEffect } from './effects.ts'
import type { SystemdFacts } from './facts.ts'
import { featuresOf } from './features.ts'
import type { PlannedFile } from './planned-file.ts'
import type { SystemdRequest } from './request.ts'
import { withFiles } from './snapshot.ts'

/** What applying would do, and what would then be in force. */
export interface SystemdPlan extends LimitPlan {
  readonly request: SystemdRequest
  readonly files: readonly PlannedFile[]
  /** Directories that are made for the files. */
  readonly directories: readonly string[]
  /** The target, or each instance of it. */
  readonly effects: readonly UnitEffect[]
  readonly facts: Pick<SystemdFacts, 'version' | 'hierarchy' | 'memoryBytes' | 'livePath'>
}

/**
 * Works out files, effective values and findings: pure. Throws a TypeError for a request that is no
 * good anywhere, and PLAN_REFUSED for the like of it that only the host's facts show.
 */
export function plan(request: SystemdRequest, facts: SystemdFacts): SystemdPlan {
  const features = featuresOf(facts)
  const input: ConcernInput = { request, facts, features }
  checkOrder(request)
  const dropIns = planDropIns(input)
  const { files } = dropIns
  const snapshot = withFiles(facts.snapshot, files)
  const effects = effectsFor(request, { ...facts, snapshot })
  const { version, hierarchy, memoryBytes, livePath } = facts
  return {
    request,
    files,
    directories: directoriesOf(files, facts),
    commands: commandsOf(files, effects, facts, features),
    findings: findingsOf({ ...input, ...dropIns, effects }),
    effects,
    facts: { version, hierarchy, memoryBytes, livePath },
  }
}

/** What these facts' files say for the units of a request. */
export function effectsFor(request: SystemdRequest, facts: SystemdFacts): readonly UnitEffect[] {
  const features = featuresOf(facts)
  return unitsOf(request, facts).map((unit) => effectOf(unit, facts.snapshot, facts, features))
}

/** A template cannot be resolved by itself: its instances are, or one that stands for all others. */
function unitsOf(request: SystemdRequest, facts: SystemdFacts): readonly string[] {
  const target = parseUnitName(request.target)
  if (!isTemplate(target)) return [target.full]
  const overridden = Object.keys(request.overrides ?? {}).map(
    (instance) => `${target.prefix}@${instance}${target.suffix}`,
  )
  const names = new Set([...facts.units.map(({ name }) => name), ...overridden])
  if (names.size === new Set(overridden).size) names.add(`${target.prefix}@any${target.suffix}`)
  return [...names].toSorted()
}

function directoriesOf(
  files: readonly PlannedFile[],
  { missing }: SystemdFacts,
): readonly string[] {
  const written = files.filter(({ after }) => after !== undefined)
  return missing.filter((directory) =>
    written.some(({ path }) => `${posix.dirname(path)}/`.startsWith(`${directory}/`)),
  )
}

function checkOrder({ order }: SystemdRequest): void {
  if (order === undefined || /^\d\d$/.test(order)) return
  throw new TypeError(`Expected \`order\` to be two digits, got ${JSON.stringify(order)}`)
}

/** Throws PLAN_REFUSED, with every error among the findings. */
export function assertAcceptable({ findings }: LimitPlan): void {
  const errors = findings.filter(({ level }) => level === 'error')
  if (errors.length === 0) return
  const list = errors.map(({ code, message }) => `${message} (${code})`).join('; ')
  throw new RecyclerError('PLAN_REFUSED', `[systemd-adapter] The plan cannot be applied: ${list}`)
}
