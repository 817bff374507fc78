import type { MemoryJobSource } from '@worker-recycler/core/testing'
import type { Parts } from '../memory-test-bed.ts'
import { insides, never, turns, type BrokenSource } from './job-source.ts'

type Recover = NonNullable<MemoryJobSource['recover']>

/** A good source but for its `recover`. */
const recovering =
  (broken: (good: Recover, parts: Parts) => Recover) =>
  (parts: Parts): MemoryJobSource => {
    const good = parts.make()
    const recover: Recover = (...args) => good.recover?.(...args) ?? Promise.reject(new Error())
    return { ...good, recover: broken(recover, parts) }
  }

const nothing = { recovered: [] }

/** Sources that are wrong when they recover, or were declared dead. */
export const recoveringSources: readonly BrokenSource[] = [
  [
    'reports jobs by a wrong name',
    'recover() by identity puts back what the dead worker held, and reports it',
    recovering((good) => async (request, options) => {
      const { recovered } = await good(request, options)
      return { recovered: recovered.map((job) => ({ ...job, name: 'job' })) }
    }),
  ],
  [
    'knows no invocations',
    'recover() by invocation finds the worker by the last part of its identity',
    recovering(
      (good) => async (request, options) =>
        request.invocation === undefined ? good(request, options) : nothing,
    ),
  ],
  [
    'must be started before it recovers',
    'recover() needs no start()',
    (parts) => {
      const good = parts.make()
      let started = false
      return {
        ...good,
        start: (...args) => {
          started = true
          return good.start(...args)
        },
        recover: async (...args) => (started ? (good.recover?.(...args) ?? nothing) : nothing),
      }
    },
  ],
  [
    'takes jobs from the dead, then puts them into the queue',
    'a job is in a durable place at every step of its recovery',
    recovering((good, { store }) => async (request, options) => {
      const held = insides(store).working.get(request.identity ?? '') ?? []
      const taken = held.splice(0)
      await turns(2)
      held.push(...taken)
      return good(request, options)
    }),
  ],
  [
    'puts back again what it has put back',
    'recover() a second time finds nothing, and adds nothing',
    recovering((good, { store }) => {
      const before = new Set<string>()
      return async (request, options) => {
        const report = await good(request, options)
        const { identity = '' } = request
        const [job] = store.queue
        if (before.has(identity) && job) insides(store).queue.push(job)
        before.add(identity)
        return report
      }
    }),
  ],
  [
    'looks what a dead worker held, then copies it',
    'two recoveries at once move each job once',
    recovering((good, { store }) => async (request, options) => {
      const held = [...(store.working.get(request.identity ?? '') ?? [])]
      await turns(1)
      const report = await good(request, options)
      if (report.recovered.length === 0) insides(store).queue.push(...held)
      return report
    }),
  ],
  [
    'forgets how often a job ran',
    'the next delivery tells of the interruption and its cause',
    ({ make, store }) =>
      make(undefined, {
        claim: (identity) => {
          const job = store.claim(identity)
          return typeof job === 'object' ? { ...job, runs: 0 } : job
        },
      }),
  ],
  [
    'takes an unknown cause for a stop',
    'a death without a known cause counts as an interruption',
    recovering((good) => (request, options) => good({ cause: 'stop', ...request }, options)),
  ],
  [
    'counts a recycle as an interruption',
    'the cause recycle never counts as an interruption',
    recovering(
      (good) => (request, options) =>
        good(request.cause === 'recycle' ? { ...request, cause: 'signal' } : request, options),
    ),
  ],
  [
    'counts a stop as an interruption',
    'the cause stop never counts as an interruption',
    recovering(
      (good) => (request, options) =>
        good(request.cause === 'stop' ? { ...request, cause: 'signal' } : request, options),
    ),
  ],
  [
    'forgets interruptions when it hands back',
    'interruptions add up, and a hand-back between them takes none away',
    ({ make, store }) =>
      make(undefined, {
        putBack: (identity, id) => {
          const outcome = store.putBack(identity, id)
          const [job] = store.queue
          if (job) insides(store).queue[0] = { ...job, interruptions: 0 }
          return outcome
        },
      }),
  ],
  [
    'says that all jobs went to the queue',
    'a job interrupted again and again is where the report says',
    recovering((good) => async (request, options) => {
      const { recovered } = await good(request, options)
      return { recovered: recovered.map((job) => ({ ...job, to: 'queue' })) }
    }),
  ],
  [
    'takes everybody for dead when no name is given',
    'recover() leaves alone the jobs of workers that live',
    recovering((good, { store }) => async (request, options) => {
      if (request.identity !== undefined || request.invocation !== undefined) {
        return good(request, options)
      }
      for (const identity of store.working.keys()) store.bury(identity)
      return good(request, options)
    }),
  ],
  [
    'recovers by name only',
    'recover() without a name puts back what provably dead workers held',
    recovering(
      (good) => async (request, options) =>
        request.identity === undefined && request.invocation === undefined
          ? nothing
          : good(request, options),
    ),
  ],
  [
    'hangs in recover() when there is no time',
    'recover() with an aborted signal ends promptly, and loses no job',
    recovering(
      (good) => (request, options) => (options.signal.aborted ? never() : good(request, options)),
    ),
  ],
  ...(['completed', 'failed'] as const).map((late): BrokenSource => [
    `takes a job back off the queue when it has ${late} late`,
    `the late ${late === 'completed' ? 'completion' : 'failure'} of a fenced worker changes nothing`,
    ({ make, store }) =>
      make(undefined, {
        settle: (identity, id, outcome) => {
          const settled = store.settle(identity, id, outcome)
          const { queue } = insides(store)
          const index = queue.findIndex((job) => job.id === id)
          if (settled === 'fenced' && outcome === late && index !== -1) queue.splice(index, 1)
          return settled
        },
      }),
  ]),
  [
    'does not tell that it was fenced',
    'a late job is settled as fenced, or its worker as failed',
    ({ make, store }) =>
      make(undefined, {
        settle: (...args) => {
          store.settle(...args)
          return 'settled'
        },
      }),
  ],
  [
    'hands back what is no longer its own',
    'handBack() by a fenced worker says fenced, and adds no copy',
    ({ make, store }) =>
      make(undefined, {
        putBack: (identity, id) => {
          const outcome = store.putBack(identity, id)
          const job = store.queue.find((each) => each.id === id)
          if (outcome === 'fenced' && job) insides(store).queue.push(job)
          return 'handedBack'
        },
      }),
  ],
  [
    'goes on claiming after it was declared dead',
    'a fenced worker claims nothing more',
    ({ make, store }) =>
      make(undefined, {
        claim: (identity) => {
          if (!store.working.has(identity)) insides(store).working.set(identity, [])
          return store.claim(identity)
        },
      }),
  ],
]
