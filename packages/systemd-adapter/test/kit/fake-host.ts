import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fakeClock } from '@worker-recycler/core/testing'
import type { Hierarchy } from '../../src/host/facts.ts'
import { resolveSettings, type HostSettings } from '../../src/host/settings.ts'
import { type SystemdHost, systemdHost } from '../../src/systemd-host.ts'
import { type FakeManager, fakeManager } from './fake-manager.ts'
import { type Node, writeTree } from './tree.ts'

/** A host below a directory: files, a manager and a kernel. */
export interface FakeHost {
  readonly host: SystemdHost
  readonly settings: HostSettings
  readonly manager: FakeManager
  /** Where its `/` lies. */
  readonly root: string
  /** Every file, link and directory below `/`, with its mode and content. */
  readonly tree: () => Readonly<Record<string, string>>
  readonly write: (nodes: Readonly<Record<string, Node>>) => void
}

/** How the host differs from the usual one: 252, cgroup v2, a template with two running instances. */
export interface FakeHostOptions {
  readonly version?: number
  readonly hierarchy?: Hierarchy
  readonly files?: Readonly<Record<string, Node>>
  readonly running?: Readonly<Record<string, number>>
  readonly swapBytes?: number
  readonly persistence?: 'persistent' | 'runtime'
}

/** The worker of the origin, in short. */
export const SERVICE = '[Service]\nExecStart=/usr/bin/worker\nRestart=on-failure\n'
export const CALL = { signal: new AbortController().signal }

const MIB = 2 ** 20
const RUNNING = { 'worker@1.service': 100 * MIB, 'worker@2.service': 200 * MIB }

/** Sets a host up in an empty directory, and boots it. */
export async function fakeHost(
  directory: string,
  options: FakeHostOptions = {},
): Promise<FakeHost> {
  const { setUp, ...host } = laterHost(directory, options)
  await setUp()
  return host
}

/** A host that is there once it was set up. */
export function laterHost(
  directory: string,
  options: FakeHostOptions = {},
): FakeHost & { readonly setUp: () => Promise<void> } {
  const { version = 252, hierarchy = 'unified', running = RUNNING, persistence } = options
  const root = join(directory, 'root')
  const cgroupRoot = join(directory, 'cgroup')
  const procRoot = join(directory, 'proc')
  const manager = fakeManager({ version, hierarchy, root, cgroupRoot, running })
  const all = {
    root,
    cgroupRoot,
    procRoot,
    hierarchy,
    manager,
    clock: fakeClock(),
    ...(persistence && { persistence }),
  }
  return {
    host: systemdHost(all),
    settings: resolveSettings(all),
    manager,
    root,
    tree: () => Object.fromEntries(entriesBelow(root, root)),
    write: (nodes) => writeTree(root, nodes),
    setUp: async () => {
      mkdirSync(join(root, 'etc/systemd/system'), { recursive: true })
      // These two are systemd's own: once made, they stay.
      mkdirSync(join(root, 'run/systemd/system'), { recursive: true })
      mkdirSync(join(root, 'run/systemd/system.control'), { recursive: true })
      writeTree(root, { 'usr/lib/systemd/system/worker@.service': SERVICE, ...options.files })
      const swapKib = (options.swapBytes ?? 0) / 1024
      writeTree(procRoot, { meminfo: `MemTotal:  8388608 kB\nSwapTotal:  ${swapKib} kB\n` })
      await manager.boot()
    },
  }
}

function* entriesBelow(directory: string, root: string): Generator<[string, string]> {
  for (const name of readdirSync(directory).toSorted()) {
    const path = join(directory, name)
    const stats = lstatSync(path)
    const key = `/${relative(root, path)}`
    const mode = (stats.mode & 0o7777).toString(8)
    if (stats.isDirectory()) {
      yield [key, `directory ${mode}`]
      yield* entriesBelow(path, root)
    } else if (stats.isSymbolicLink()) yield [key, `link ${readlinkSync(path)}`]
    else yield [key, `${mode} ${readFileSync(path, 'latin1')}`]
  }
}
