import type { Clock } from '@worker-recycler/core'
import { reasonOf } from '../kernel/errno.ts'
import type { FileKind, KernelFiles } from '../kernel/kernel-files.ts'
import type { PressureRequest } from './pressure-request.ts'
import type { Opening } from './source.ts'
import { openStallTrigger, type StallTrigger } from './stall-trigger.ts'

/**
 * Follows systemd's protocol: a regular file takes a trigger, exactly the bytes that systemd gives; a
 * FIFO or a socket tells by anything that arrives. It only wakes, as a trigger does.
 */
export function openSystemdWatch(parts: {
  readonly request: PressureRequest
  readonly files: KernelFiles
  readonly clock: Clock
  readonly wake: () => void
  readonly ended: (error: unknown) => void
}): Opening<StallTrigger> {
  const { request, files } = parts
  switch (request.kind) {
    case 'none':
      return { state: 'off', sentence: '$MEMORY_PRESSURE_WATCH is not set.' }
    case 'off':
      return {
        state: 'off',
        sentence: 'Pressure handling is switched off for this service; usage is still watched.',
      }
    case 'invalid':
      return { state: 'refused', sentence: request.sentence }
    case 'watch':
  }
  const { path } = request
  try {
    return { path, ...openKind(files.kindOf(path), request, parts) }
  } catch (error) {
    return { state: 'refused', path, sentence: `It cannot be watched: ${reasonOf(error)}.` }
  }
}

interface WatchParts {
  readonly files: KernelFiles
  readonly clock: Clock
  readonly wake: () => void
  readonly ended: (error: unknown) => void
}

function openKind(
  kind: FileKind,
  { path, write }: PressureRequest & { readonly kind: 'watch' },
  { files, clock, wake, ended }: WatchParts,
): Opening<StallTrigger> {
  const refused = (sentence: string) => ({ state: 'refused', sentence }) as const
  switch (kind) {
    case 'cgroup2':
      if (!write) return refused('systemd gives no trigger to write; the file is read instead.')
      return {
        state: 'live',
        sentence: 'The trigger that systemd asks for is armed.',
        source: openStallTrigger({ path, bytes: write, files, clock, wake }),
      }
    case 'procfs':
      return refused(
        'The kernel announces triggers in procfs to poll(2) only, which Node.js does not offer; the file is read instead.',
      )
    case 'fifo':
    case 'character':
    case 'socket': {
      const close = files.listen(path, kind, write, { modified: wake, ended })
      return {
        state: 'live',
        sentence: `Notifications come through a ${kind === 'character' ? 'device' : kind}.`,
        source: { latched: () => false, rearm: () => {}, close },
      }
    }
    case 'directory':
      return refused('EISDIR: it is a directory.')
    case 'other':
      return refused('ENOTTY: it is a plain file, neither of cgroup v2 nor of procfs.')
  }
}
