import type { Coordinator, Permit, PermitRequest } from '@worker-recycler/core'
import type { CoordinatorTestBed, MemoryPermits } from '@worker-recycler/core/testing'
import { coordinatorTestBed } from '../good.ts'
import type { Broken } from './broken.ts'
import { never, turns } from './job-source.ts'

type Build = (good: Coordinator, permits: MemoryPermits) => Coordinator

/** `prepare` is called for each rule: what it keeps is shared by the coordinators of that rule. */
const broken = (
  name: string,
  breaks: string,
  prepare: () => Build,
  ...also: readonly string[]
): Broken<CoordinatorTestBed> => ({
  name,
  breaks,
  also,
  create: () => coordinatorTestBed(prepare()),
})

/** A coordinator that hears of another request than was made. */
const asking =
  (change: (request: PermitRequest) => Partial<PermitRequest>) => (): Build => (good) => ({
    ...good,
    acquire: async (request, options) => {
      const permit = await good.acquire({ ...request, ...change(request) }, options)
      return permit && { ...permit, cohort: request.cohort, holder: request.holder }
    },
  })

/** A coordinator that gives another permit than it should. */
const giving =
  (change: (permit: Permit, permits: MemoryPermits) => Partial<Permit>) =>
  (): Build =>
  (good, permits) => ({
    ...good,
    acquire: async (request, options) => {
      const permit = await good.acquire(request, options)
      return permit && { ...permit, ...change(permit, permits) }
    },
  })

export const brokenCoordinators: readonly Broken<CoordinatorTestBed>[] = [
  broken('made for another contract', 'declares what it supports', () => (good) => ({
    ...good,
    contract: 2 as 1,
  })),
  broken(
    'gives a permit to nobody',
    'gives a permit that names its cohort and its holder',
    giving(() => ({ holder: '' })),
  ),
  broken(
    'has one place too many',
    'says null when the places are taken',
    asking(({ max }) => ({ max: max + 1 })),
    'a permit does not lapse before its time',
    'never gives more places than there are, however many ask at once',
    'release() a second time takes no place from another',
    'the late release of a lapsed permit takes no place from another',
  ),
  broken(
    'counts, then takes',
    'never gives more places than there are, however many ask at once',
    () => {
      let callers = 0
      return (good) => ({
        ...good,
        acquire: async (request, options) => {
          callers += 1
          await turns(1)
          const max = callers > 1 ? callers : request.max
          const permit = await good.acquire({ ...request, max }, options)
          callers -= 1
          return permit
        },
      })
    },
  ),
  broken(
    'gives a holder as many places as it asks for',
    'gives a holder that asks again the same place, not a second one',
    () => {
      let asked = 0
      return asking(({ max, holder }) => ({
        holder: max > 1 ? `${holder}-${(asked += 1)}` : holder,
      }))()
    },
  ),
  broken(
    'refuses a holder when all places are taken, its own among them',
    'gives a holder its place again although all are taken',
    () => (good, permits) => ({
      ...good,
      acquire: async (request, options) =>
        (permits.get(request.cohort)?.size ?? 0) >= request.max &&
        permits.get(request.cohort)?.has(request.holder) === true
          ? null
          : good.acquire(request, options),
    }),
    'a permit may be released by the successor of its holder',
  ),
  broken(
    'never takes a place back',
    'release() gives the place to another',
    giving(() => ({ release: async () => {} })),
    'a permit may be released by the successor of its holder',
    'release() a second time takes no place from another',
  ),
  broken(
    'takes a place back at every release, whosever it is',
    'release() a second time takes no place from another',
    () =>
      giving((permit, permits) => {
        let released = false
        return {
          release: async (options) => {
            if (released) permits.get(permit.cohort)?.clear()
            released = true
            await permit.release(options)
          },
        }
      })(),
  ),
  broken(
    'lets only the process release that acquired',
    'a permit may be released by the successor of its holder',
    () => {
      const owners = new Map<string, Coordinator>()
      return (good) => ({
        ...good,
        acquire: async (request, options) => {
          const permit = await good.acquire(request, options)
          if (!owners.has(request.holder)) owners.set(request.holder, good)
          const release: Permit['release'] = async (call) => {
            if (owners.get(request.holder) === good) await permit?.release(call)
          }
          return permit && { ...permit, release }
        },
      })
    },
  ),
  broken(
    'knows one cohort',
    'cohorts have places of their own',
    asking(() => ({ cohort: 'all' })),
  ),
  broken(
    'hangs in acquire() when there is no time',
    'acquire() with an aborted signal ends promptly',
    () => (good) => ({
      ...good,
      acquire: (request, options) =>
        options.signal.aborted ? never() : good.acquire(request, options),
    }),
  ),
  broken('cannot stop twice', 'stop() a second time does nothing', () => (good) => {
    let stopped = false
    return {
      ...good,
      stop: async () => {
        if (stopped) throw new Error('Stopped before')
        stopped = true
      },
    }
  }),
  broken(
    'lets permits last too long',
    'a permit lapses when its time is over',
    asking(({ ttlMs }) => ({ ttlMs: ttlMs * 2 })),
    'the late release of a lapsed permit takes no place from another',
  ),
  broken(
    'lets permits lapse too soon',
    'a permit does not lapse before its time',
    asking(({ ttlMs }) => ({ ttlMs: ttlMs / 10 })),
  ),
  broken(
    'takes back the place that was lapsed, whosever it is now',
    'the late release of a lapsed permit takes no place from another',
    giving((permit, permits) => ({
      release: async (options) => {
        if (!permits.get(permit.cohort)?.has(permit.holder)) permits.get(permit.cohort)?.clear()
        await permit.release(options)
      },
    })),
    'release() a second time takes no place from another',
  ),
]
