import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  bytesOf,
  effectOf,
  hardBytesOf,
  type UnitEffect,
  unsetBytes,
} from '../../src/host/effects.ts'
import type { Hierarchy } from '../../src/host/facts.ts'
import { featuresOf } from '../../src/host/features.ts'
import { livePath, lookupPath } from '../../src/host/lookup-path.ts'
import { readSnapshot } from '../../src/host/read-snapshot.ts'
import type { Snapshot } from '../../src/host/snapshot.ts'
import type { Manager, Properties } from '../../src/transport/manager.ts'
import { parseUnitName } from '../../src/unit-file/unit-name.ts'

/** A manager that runs nothing: its units are directories of a cgroup tree made of files. */
export interface FakeManager extends Manager {
  /** What it was asked, in order. */
  readonly calls: readonly string[]
  /** As at a boot: everything is read, and every limit is where it belongs. */
  readonly boot: () => Promise<void>
  /** What the kernel has, by the name of the file, of each unit. */
  readonly kernel: (unit: string) => Readonly<Record<string, string>>
  /** Runs before a call is answered; may throw. */
  beforeCall: (name: string) => void | Promise<void>
}

/** How a manager and its kernel behave. */
export interface FakeManagerOptions {
  readonly version: number
  readonly hierarchy: Hierarchy
  readonly root: string
  readonly cgroupRoot: string
  /** Names of running units, and what they use. */
  readonly running: Readonly<Record<string, number>>
}

const NO_LIMIT = { unified: 'max', legacy: '9223372036854771712' } as const
const FILES: Readonly<Record<Hierarchy, Readonly<Record<string, string>>>> = {
  unified: {
    MemoryMax: 'memory.max',
    MemoryLimit: 'memory.max',
    MemoryHigh: 'memory.high',
    MemoryLow: 'memory.low',
    MemoryMin: 'memory.min',
    MemorySwapMax: 'memory.swap.max',
  },
  legacy: { MemoryMax: 'memory.limit_in_bytes', MemoryLimit: 'memory.limit_in_bytes' },
}
const USER = { home: '/root', runtime: '/run/user/0' }

/** Makes a manager of the system's services below `root`. */
export function fakeManager(options: FakeManagerOptions): FakeManager {
  const { version, hierarchy, root, cgroupRoot, running } = options
  const features = featuresOf({ version, hierarchy })
  const live = livePath('system', USER, version)
  const kernels = new Map<string, Record<string, string>>()
  const calls: string[] = []
  let loaded = new Map<string, { readonly effect: UnitEffect; readonly text: string }>()

  const read = async (unit: string) => {
    const snapshot = await readSnapshot(lookupPath('system', USER), [parseUnitName(unit)], root)
    return { effect: effectOf(unit, snapshot, { units: [] }, features), text: textOf(snapshot) }
  }
  const readAll = async () => {
    const names = Object.keys(running)
    loaded = new Map(
      await Promise.all(names.map(async (unit) => [unit, await read(unit)] as const)),
    )
  }
  const show = (unit: string, values: Readonly<Record<string, number>>) => {
    const kernel = { ...kernels.get(unit) }
    for (const [file, bytes] of Object.entries(values)) {
      const isBusy = hierarchy === 'legacy' && bytes < (running[unit] ?? 0)
      if (!isBusy) kernel[file] = bytes === Infinity ? NO_LIMIT[hierarchy] : String(bytes)
    }
    kernels.set(unit, kernel)
    for (const [file, text] of Object.entries(kernel)) {
      const mount = hierarchy === 'legacy' ? 'memory' : ''
      write(join(cgroupRoot, mount, controlGroup(unit), file), `${text}\n`)
    }
  }
  const realize = () => {
    for (const [unit, { effect }] of loaded) show(unit, limitsOf(effect, hierarchy))
  }
  const called = async (name: string) => {
    calls.push(name)
    await fake.beforeCall(name)
  }

  const fake: FakeManager = {
    calls,
    beforeCall: () => {},
    kernel: (unit) => kernels.get(unit) ?? {},
    boot: async () => {
      for (const [unit, used] of Object.entries(running)) {
        const usage = hierarchy === 'legacy' ? 'memory.usage_in_bytes' : 'memory.current'
        kernels.set(unit, { [usage]: String(used) })
      }
      await readAll()
      realize()
    },
    version: async () => {
      await called('version')
      return version
    },
    list: async (pattern) => {
      await called('list')
      const [before = '', after = ''] = pattern.split('*')
      return Object.keys(running).filter((unit) => unit.startsWith(before) && unit.endsWith(after))
    },
    show: async (units) => {
      await called('show')
      const shown = units.map(async (unit): Promise<[string, Properties]> => {
        const known = loaded.get(unit)
        if (!known) return [unit, { Id: unit, ActiveState: 'inactive', NeedDaemonReload: 'no' }]
        const { text } = await read(unit)
        const properties = {
          Id: unit,
          ActiveState: 'active',
          SubState: 'running',
          MainPID: '4711',
          NRestarts: '3',
          Result: 'success',
          MemoryPeak: '[not set]',
          ControlGroup: controlGroup(unit),
          NeedDaemonReload: text === known.text ? 'no' : 'yes',
        }
        return [unit, properties]
      })
      return new Map(await Promise.all(shown))
    },
    reload: async () => {
      await called('reload')
      await readAll()
      if (features.reloadApplies) realize()
    },
    tryRestart: () => called('tryRestart'),
    setRuntime: async (unit, settings) => {
      await called(`set ${unit} ${JSON.stringify(settings)}`)
      const known = loaded.get(unit)
      const isFresh = known?.text === (await read(unit)).text
      const values: Record<string, number> = {}
      for (const [key, value] of Object.entries(settings)) {
        const text = `# This is a drop-in unit file extension, created via "systemctl set-property"\n[Service]\n${key}=${value}\n`
        write(join(root, live, `${unit}.d/50-${key}.conf`), text)
        const file = FILES[hierarchy][key]
        if (file !== undefined) values[file] = value === 'infinity' ? Infinity : Number(value)
      }
      // Nothing but its own file is read: what else has changed waits for a reload.
      if (known && isFresh) loaded.set(unit, await read(unit))
      show(unit, values)
    },
  }
  return fake

  function limitsOf(effect: UnitEffect, on: Hierarchy): Readonly<Record<string, number>> {
    const memoryBytes = 2 ** 33
    if (on === 'legacy') return { 'memory.limit_in_bytes': hardBytesOf(effect, memoryBytes) }
    const valueOf = (key: string) =>
      effect.limits[key]?.winner ? bytesOf(effect.limits[key], memoryBytes) : unsetBytes(key)
    return {
      'memory.max': hardBytesOf(effect, memoryBytes),
      'memory.high': valueOf('MemoryHigh'),
      'memory.low': valueOf('MemoryLow'),
      'memory.min': valueOf('MemoryMin'),
      'memory.swap.max': valueOf('MemorySwapMax'),
    }
  }
}

function controlGroup(unit: string): string {
  const [prefix] = unit.split(/[@.]/)
  const slice = `system-${prefix?.replaceAll('-', String.raw`\x2d`)}.slice`
  return unit.includes('@') ? `/system.slice/${slice}/${unit}` : `/system.slice/${unit}`
}

function textOf({ files }: Snapshot): string {
  return JSON.stringify(
    Array.from(files, ([path, { bytes }]) => [path, Buffer.from(bytes).toString('base64')]),
  )
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  rmSync(path, { force: true })
  writeFileSync(path, text)
}
