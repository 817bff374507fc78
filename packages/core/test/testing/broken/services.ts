import type { StartStop, StartStopTestBed } from '@worker-recycler/core/testing'
import { serviceTestBed } from '../good.ts'
import type { Broken } from './broken.ts'

/** `prepare` is called for each rule: what it keeps is shared by the services of that rule. */
const broken = (
  name: string,
  breaks: string,
  prepare: () => (good: StartStop) => StartStop,
  ...also: readonly string[]
): Broken<StartStopTestBed> => ({ name, breaks, also, create: () => serviceTestBed(prepare()) })

const STRESS = 'many started and stopped at once, in every order, leave nothing running'

export const brokenServices: readonly Broken<StartStopTestBed>[] = [
  broken(
    'cannot stop before it has started',
    'stop() before start() does nothing',
    () => (good) => {
      let started = false
      return {
        start: () => {
          started = true
          return good.start()
        },
        stop: async () => {
          if (!started) throw new Error('Not started')
          await good.stop()
        },
      }
    },
    'start() after a stop() that came first rejects with ILLEGAL_PHASE',
  ),
  broken('cannot stop twice', 'stop() a second time does nothing', () => (good) => {
    let stopped = false
    return {
      start: () => good.start(),
      stop: async () => {
        if (stopped) throw new Error('Stopped before')
        await good.stop()
        stopped = true
      },
    }
  }),
  ...([true, false] as const).map((after) =>
    broken(
      after ? 'ignores a start after it has run' : 'ignores a start after it was stopped unused',
      after
        ? 'start() after stop() rejects with ILLEGAL_PHASE'
        : 'start() after a stop() that came first rejects with ILLEGAL_PHASE',
      () => (good) => {
        let started = false
        let stopped = false
        return {
          start: async () => {
            if (stopped && started === after) return
            started = true
            await good.start()
          },
          stop: async () => {
            stopped = true
            await good.stop()
          },
        }
      },
    ),
  ),
  broken(
    'fails strangely when it is started twice at once',
    'two starts at once start once: the second waits for the first, or is refused',
    () => (good) => {
      let starting = false
      return {
        start: async () => {
          if (starting) throw new Error('EADDRINUSE')
          starting = true
          await good.start().finally(() => {
            starting = false
          })
        },
        stop: () => good.stop(),
      }
    },
  ),
  broken(
    'says stopped before it has',
    'stop() resolves when nothing runs any more',
    () => (good) => {
      let turnsLate = false
      return {
        start: async () => {
          await good.start()
          turnsLate = true
        },
        stop: async () => {
          const stopping = good.stop()
          if (!turnsLate) await stopping
        },
      }
    },
    'every one of several stops at once resolves when nothing runs any more',
    'two starts at once start once: the second waits for the first, or is refused',
    STRESS,
  ),
  broken(
    'lets only the first stop wait',
    'every one of several stops at once resolves when nothing runs any more',
    () => (good) => {
      let stopping = false
      return {
        start: () => good.start(),
        stop: async () => {
          if (stopping) return
          stopping = true
          await good.stop()
        },
      }
    },
  ),
  broken(
    'does not stop while it starts',
    'stop() while start() is under way leaves nothing running',
    () => (good) => {
      let starting = false
      return {
        start: async () => {
          starting = true
          await good.start().finally(() => {
            starting = false
          })
        },
        stop: async () => {
          if (!starting) await good.stop()
        },
      }
    },
    STRESS,
  ),
  broken('forgets services when there are many', STRESS, () => {
    let running = 0
    return (good) => ({
      start: async () => {
        running += 1
        await good.start()
      },
      stop: async () => {
        const isForgotten = running > 4
        running -= 1
        if (!isForgotten) await good.stop()
      },
    })
  }),
]
