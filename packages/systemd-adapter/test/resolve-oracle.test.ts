import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { effectiveOf, listOf } from '../src/host/effective.ts'
import { readSnapshot } from '../src/host/read-snapshot.ts'
import { type Resolution, resolve } from '../src/host/resolve.ts'
import { parseMemorySize, shareBytes } from '../src/unit-file/memory-size.ts'
import { parseUnitName } from '../src/unit-file/unit-name.ts'
import { askSystemd, hostMemory, reasonNotToAsk, type Seen } from './kit/oracle.ts'
import { scratchDirectory } from './kit/scratch-directory.ts'
import { DIRECTORY, writeTree } from './kit/tree.ts'
import { forAllServices, LEVELS, type UnitTree, unitTree } from './kit/unit-forest.ts'

const reason = reasonNotToAsk()
const FEATURES = { prefixes: true, typeDirectory: true }
const KEYS = {
  MemoryMax: false,
  MemoryHigh: false,
  MemoryLow: true,
  MemoryMin: true,
  MemorySwapMax: true,
}
const RESTARTS: ReadonlySet<string> = new Set([
  'no',
  'always',
  'on-success',
  'on-failure',
  'on-abnormal',
  'on-abort',
  'on-watchdog',
])
const TREES = 75
const FORESTS = Number(process.env['RESOLVE_FORESTS'] ?? 14)
const SEED = Number(process.env['RESOLVE_SEED'] ?? 252)
const HANG_MS = 300_000
const INFINITY = String(2n ** 64n - 1n)

/** What the resolver finds, in the words of the dump. */
function found(resolution: Resolution, memoryBytes: number) {
  const { loadState, fragment } = resolution
  if (loadState === 'not-found') return { loadState }
  if (loadState === 'error') return { loadState, fragment }
  const dropIns = resolution.dropIns.map((path) =>
    join(realpathSync(dirname(path)), basename(path)),
  )
  if (loadState === 'masked') return { loadState, fragment, dropIns }
  const memory = Object.entries(KEYS).map(([key, zero]) => {
    const accepts = (value: string) => parseMemorySize(value, { zero }).kind !== 'ignored'
    const { winner } = effectiveOf(resolution, 'Service', key, accepts)
    const isProtection = key === 'MemoryLow' || key === 'MemoryMin'
    if (!winner) return [key, isProtection ? '0' : INFINITY]
    const size = parseMemorySize(winner.value, { zero })
    if (size.kind === 'share') return [key, String(shareBytes(size.permyriad, memoryBytes))]
    return [key, size.kind === 'bytes' ? String(size.bytes) : INFINITY]
  })
  const restart = effectiveOf(resolution, 'Service', 'Restart', (value) => RESTARTS.has(value))
  return {
    loadState,
    fragment,
    dropIns,
    ...Object.fromEntries(memory),
    Restart: restart.winner?.value ?? 'no',
    ExecStopPost: listOf(resolution, 'Service', 'ExecStopPost').map(({ value }) => value),
  }
}

function dumped({ loadState, fragment, dropIns, properties, commands }: Seen) {
  if (loadState === 'not-found') return { loadState }
  if (loadState === 'error') return { loadState, fragment }
  if (loadState === 'masked') return { loadState, fragment, dropIns }
  const keys = [...Object.keys(KEYS), 'Restart']
  return {
    loadState: 'loaded',
    fragment,
    dropIns,
    ...Object.fromEntries(keys.map((key) => [key, properties[key]])),
    ExecStopPost: commands['ExecStopPost'] ?? [],
  }
}

/** Writes a forest, and gives the units of which the resolver and systemd make different things. */
async function mismatches(trees: readonly UnitTree[], all: UnitTree['nodes'], memoryBytes: number) {
  const root = scratchDirectory()
  writeTree(root, Object.fromEntries(LEVELS.map((level) => [level, DIRECTORY])))
  for (const { nodes } of [...trees, { nodes: all }]) writeTree(root, nodes)
  const lookupPath = LEVELS.map((level) => join(root, level))
  const names = trees.flatMap(({ units }) => units.map((unit) => parseUnitName(unit)))
  const { seen } = await askSystemd(
    lookupPath,
    names.map(({ full }) => full),
  )
  const snapshot = await readSnapshot(lookupPath, names)
  return names.flatMap((name) => {
    const real = seen.get(name.full)
    const ours = found(resolve(name, snapshot, FEATURES), memoryBytes)
    const theirs = real && dumped(real)
    const nodes = trees.find(({ units }) => units.includes(name.full))?.nodes
    return isDeepStrictEqual(ours, theirs) ? [] : [{ unit: name.full, ours, theirs, nodes, all }]
  })
}

describe.skipIf(reason)(`the resolver${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it(
    `finds what the real systemd finds, in ${FORESTS * TREES} random trees`,
    { timeout: HANG_MS },
    async () => {
      const memoryBytes = await hostMemory()
      const trees = fc.tuple(...Array.from({ length: TREES }, (_, at) => unitTree(`w${at}`)))
      const forests = fc.sample(fc.tuple(trees, forAllServices), { seed: SEED, numRuns: FORESTS })
      for (const [forest, shared] of forests) {
        const different = await mismatches(forest, shared, memoryBytes)
        expect(different, `RESOLVE_SEED=${SEED} shows it again`).toEqual([])
      }
    },
  )
})
