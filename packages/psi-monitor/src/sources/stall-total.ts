import type { Stall } from '@worker-recycler/core'
import { reasonOf } from '../kernel/errno.ts'
import type { KernelFiles } from '../kernel/kernel-files.ts'
import { parsePressure } from './pressure-text.ts'
import type { Opening, OpenSource } from './source.ts'
import { createStallWindow } from './stall-window.ts'

/** The exact stall of a window of our own. */
export interface StallTotal extends OpenSource {
  /** The stall until now; undefined at the first reading. Throws when the cgroup is gone. */
  readonly read: (atMs: number) => Stall | undefined
}

/**
 * Opens a pressure file. Whether the kernel accounts for pressure shows at the first read only: the
 * file is there, and can be opened, with PSI switched off.
 */
export function openStallTotal(
  path: string,
  files: KernelFiles,
  windowMs: number,
  sentence: string,
): Opening<StallTotal> {
  try {
    const file = files.open(path)
    try {
      if (!parsePressure(file.read())) throw new Error('it does not hold pressure figures')
    } catch (error) {
      file.close()
      throw error
    }
    const window = createStallWindow(windowMs)
    return {
      state: 'live',
      path,
      sentence,
      source: {
        read: (atMs) => {
          const totals = parsePressure(file.read())
          return totals && window.add(atMs, totals)
        },
        close: () => file.close(),
      },
    }
  } catch (error) {
    return { state: 'refused', path, sentence: `It cannot be read: ${reasonOf(error)}.` }
  }
}
