import { readFile } from 'node:fs/promises'
import { posix } from 'node:path'
import type { Hierarchy, KernelLimits, UnitFacts } from './facts.ts'

/** The names of the kernel's files; cgroup v1 has only these two. */
const FILES = {
  unified: { mount: '', max: 'memory.max', used: 'memory.current' },
  legacy: { mount: 'memory', max: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes' },
} as const

/** What the kernel has for a cgroup: read from its files, as the manager's properties may be wrong. */
export async function readKernelLimits(
  cgroupRoot: string,
  controlGroup: string,
  hierarchy: Hierarchy,
): Promise<Pick<UnitFacts, 'kernel' | 'usedBytes' | 'parent'>> {
  const { mount, max: maxName, used } = FILES[hierarchy]
  const root = posix.join(cgroupRoot, mount)
  const read = (name: string) => readBytes(posix.join(root, controlGroup, name))
  const [max, high, swapMax, usedBytes, parent] = await Promise.all([
    read(maxName),
    read('memory.high'),
    read('memory.swap.max'),
    read(used),
    readParent(root, controlGroup, maxName),
  ])
  const kernel: KernelLimits | undefined =
    max === undefined
      ? undefined
      : {
          max,
          ...(high !== undefined && { high }),
          ...(swapMax !== undefined && { swapMax }),
        }
  return {
    ...(kernel && { kernel }),
    ...(usedBytes !== undefined && { usedBytes }),
    ...(parent && { parent }),
  }
}

async function readParent(
  root: string,
  controlGroup: string,
  name: string,
): Promise<UnitFacts['parent'] | undefined> {
  let least: UnitFacts['parent']
  for (let at = posix.dirname(controlGroup); at !== '/' && at !== '.'; at = posix.dirname(at)) {
    const path = posix.join(root, at, name)
    const maxBytes = await readBytes(path)
    if (maxBytes !== undefined && maxBytes < (least?.maxBytes ?? Infinity)) {
      least = { maxBytes, path }
    }
  }
  return least
}

/** cgroup v1 has no word for no limit: it is the largest multiple of a page. */
const V1_UNLIMITED = 2 ** 62

/** `Infinity` for no limit; undefined where there is no such file. */
async function readBytes(path: string): Promise<number | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    const bytes = text === 'max' ? Infinity : Number(text)
    return bytes >= V1_UNLIMITED ? Infinity : bytes
  } catch {
    return undefined
  }
}
