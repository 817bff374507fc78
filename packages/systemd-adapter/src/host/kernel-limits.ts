import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import type { Hierarchy, KernelLimits, UnitFacts } from './facts.ts'

/** The names of the kernel's files; cgroup v1 has only these two. */
const FILES = {
  unified: { mount: '', max: 'memory.max', used: 'memory.current' },
  legacy: { mount: 'memory', max: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes' },
} as const

/** What the kernel has for a cgroup: read from its files, as the manager's properties may be wrong. */
export function readKernelLimits(
  cgroupRoot: string,
  controlGroup: string,
  hierarchy: Hierarchy,
): Pick<UnitFacts, 'kernel' | 'usedBytes' | 'parent'> {
  const { mount, max: maxName, used } = FILES[hierarchy]
  const root = posix.join(cgroupRoot, mount)
  const read = (name: string) => readBytes(posix.join(root, controlGroup, name))
  const max = read(maxName)
  const parent = readParent(root, controlGroup, maxName)
  return {
    ...(max !== undefined && { kernel: { max, ...readOthers(read) } }),
    ...optional('usedBytes', read(used)),
    ...(parent && { parent }),
  }
}

function readOthers(read: (name: string) => number | undefined): Omit<KernelLimits, 'max'> {
  return {
    ...optional('high', read('memory.high')),
    ...optional('low', read('memory.low')),
    ...optional('min', read('memory.min')),
    ...optional('swapMax', read('memory.swap.max')),
  }
}

function optional<K extends string>(key: K, bytes: number | undefined): { [P in K]?: number } {
  return bytes === undefined ? {} : ({ [key]: bytes } as { [P in K]?: number })
}

function readParent(root: string, controlGroup: string, name: string): UnitFacts['parent'] {
  let least: UnitFacts['parent']
  for (let at = posix.dirname(controlGroup); at !== '/' && at !== '.'; at = posix.dirname(at)) {
    const path = posix.join(root, at, name)
    const maxBytes = readBytes(path)
    if (maxBytes !== undefined && maxBytes < (least?.maxBytes ?? Infinity)) {
      least = { maxBytes, path }
    }
  }
  return least
}

/** cgroup v1 has no word for no limit: it is the largest multiple of a page. */
const V1_UNLIMITED = 2 ** 62

/** `Infinity` for no limit; undefined where there is no such file. It is in memory: there is nothing to wait for. */
function readBytes(path: string): number | undefined {
  try {
    const text = readFileSync(path, 'utf8').trim()
    const bytes = text === 'max' ? Infinity : Number(text)
    return bytes >= V1_UNLIMITED ? Infinity : bytes
  } catch {
    return undefined
  }
}
