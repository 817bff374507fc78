import { createIdentity, RecycleAbort, type JobOutcome } from '@worker-recycler/core'
import type { SuiteHandler } from '@worker-recycler/core/testing'
import type { Parts } from '../memory-test-bed.ts'
import { insides, inContext, never, type BrokenSource } from './job-source.ts'

const both = (
  { options }: Parts,
  change: (handler: SuiteHandler) => SuiteHandler,
): Record<'paint' | 'glaze', SuiteHandler> => ({
  paint: change(options.handlers.paint),
  glaze: change(options.handlers.glaze),
})

/** Sources that are wrong while they fetch and run. */
export const fetchingSources: readonly BrokenSource[] = [
  [
    'made for another contract',
    'declares what it supports, and has the members that it declares',
    ({ make }) => ({ ...make(), contract: 2 as 1 }),
  ],
  [
    'runs glazing before it is started',
    'takes no job before start()',
    ({ make, store, options }) => {
      const good = make()
      const identity = createIdentity()
      const stopEagerness = store.onAvailable(() => {
        if (store.queue[0]?.name !== 'glaze') return
        store.register(identity)
        const job = store.claim(identity)
        if (typeof job === 'object') void options.handlers.glaze(job, undefined as never)
      })
      const start: typeof good.start = (...args) => {
        stopEagerness()
        return good.start(...args)
      }
      return { ...good, start }
    },
  ],
  [
    'sees only jobs that come after it',
    'start() begins to fetch: a job that waited runs, and one that comes later',
    ({ make, store }) => {
      let blind = false
      return make(undefined, {
        register: (identity) => {
          // A handed-back or recovered job is announced anew.
          blind = store.working.size === 0 && store.queue.length === 1
          store.register(identity)
        },
        claim: (identity) => (blind ? undefined : store.claim(identity)),
      })
    },
    'a job that is claimed is in a durable place at every step',
    'a worker is registered before it claims its first job',
    'takes no job before start()',
  ],
  [
    'hands over the payload as text',
    'hands a job to the handler of its name, with the payload that was enqueued',
    (parts) =>
      parts.make({
        handlers: both(
          parts,
          (handle) => (job, context) =>
            handle({ id: job.id, payload: JSON.stringify(job.payload) }, context),
        ),
      }),
  ],
  [
    'claims a job twice when two workers are busy',
    'runs every job once, whichever worker takes it',
    ({ make, store }) =>
      make(undefined, {
        claim: (identity) => {
          const job = store.claim(identity)
          const crowded = store.working.size > 1 && store.queue.length > 6
          if (crowded && typeof job === 'object') insides(store).queue.push(job)
          return job
        },
      }),
  ],
  [
    'tells of a start too late',
    'calls jobStarted() before the handler runs',
    ({ make }) =>
      inContext(make(), (context) => ({
        jobStarted: (lease) => void setImmediate(() => context.jobStarted(lease)),
      })),
  ],
  [
    'tells of an end before it is durable',
    'calls jobSettled() when the end of the job is durable',
    (parts) => {
      const told = new Set<string>()
      let tell = (_id: string) => {}
      const good = parts.make({
        handlers: both(parts, (handle) => async (job, context) => {
          await handle(job, context)
          tell(job.id)
        }),
      })
      const inFlight = () => good.inFlight().filter(({ id }) => !told.has(id))
      return inContext({ ...good, inFlight }, (context) => {
        tell = (id) => {
          const lease = inFlight().find((each) => each.id === id)
          told.add(id)
          if (lease) context.jobSettled(lease, 'completed')
        }
        return {
          jobSettled: (lease, outcome) => {
            if (!told.delete(lease.id)) context.jobSettled(lease, outcome)
          },
        }
      })
    },
    'a hand-back that meets the end of its job leaves one of the two',
    'a late job is settled as fenced, or its worker as failed',
    'quiesce() lets running jobs finish',
  ],
  [
    'keeps a lease until its end was told',
    'calls jobSettled() when the lease has left inFlight()',
    ({ make }) => {
      const good = make()
      const ending = new Set<ReturnType<typeof good.inFlight>[number]>()
      return inContext({ ...good, inFlight: () => [...good.inFlight(), ...ending] }, (context) => ({
        jobSettled: (lease, outcome) => {
          ending.add(lease)
          context.jobSettled(lease, outcome)
          ending.delete(lease)
        },
      }))
    },
  ],
  [
    'gives up when a job fails',
    'a handler that rejects makes its job fail, and the worker goes on',
    ({ make }) =>
      inContext(make(), (context) => ({
        jobSettled: (lease, outcome: JobOutcome) => {
          context.jobSettled(lease, outcome)
          if (outcome === 'failed') context.failed(new Error('A job failed'))
        },
      })),
  ],
  [
    'shows jobs no deadline',
    'shows every job the deadline of its worker',
    ({ make }) => inContext(make(), () => ({ deadline: { remainingMs: () => Infinity } })),
  ],
  [
    'calls every job by the same name',
    'inFlight() names the jobs held now, and no others',
    ({ make }) => {
      const good = make()
      return { ...good, inFlight: () => good.inFlight().map((each) => ({ ...each, name: 'job' })) }
    },
  ],
  [
    'counts runs from 0',
    'a first delivery is run 1, without interruptions',
    ({ make }) => {
      const good = make()
      const inFlight = () =>
        good.inFlight().map((each) => ({
          ...each,
          delivery: { ...each.delivery, count: each.delivery.count - 1 },
        }))
      return { ...good, inFlight }
    },
  ],
  [
    'takes a job from the worker next door when it starts',
    'a job is held by name of its worker while its handler runs',
    ({ make, store, registered }) =>
      make(undefined, {
        register: (identity) => {
          registered.add(identity)
          const [neighbour, more] = [...insides(store).working.values()]
          store.register(identity)
          if (more || neighbour?.length !== 1 || store.queue.length > 0) return
          insides(store)
            .working.get(identity)
            ?.push(...neighbour.splice(0))
        },
      }),
  ],
  [
    'takes a job off the queue, then writes down that it holds it',
    'a job that is claimed is in a durable place at every step',
    ({ make, store }) =>
      make(undefined, {
        claim: (identity) => {
          const held = insides(store).working.get(identity)
          if (!held) return 'fenced'
          const job = insides(store).queue.shift()
          if (job) setImmediate(() => held.push(job))
          return job
        },
      }),
    'a job is in a durable place at every step of its recovery',
  ],
  [
    'registers when its first job has ended',
    'a worker is registered before it claims its first job',
    ({ make, store, registered }) =>
      make(undefined, {
        register: (identity) => store.register(identity),
        settle: (identity, id, outcome) => {
          registered.add(identity)
          return store.settle(identity, id, outcome)
        },
      }),
  ],
  [
    'quiesces without waiting for a fetch',
    'quiesce() resolves when no fetch is in flight any more',
    ({ make }) => {
      const good = make()
      const quiesce: typeof good.quiesce = async (options) => void good.quiesce(options)
      return { ...good, quiesce }
    },
  ],
  [
    'refills itself after quiesce()',
    'claims nothing after quiesce(): later jobs are for other workers',
    ({ make, store, options }) => {
      const good = make()
      let worked = false
      const identity = createIdentity()
      const quiesce: typeof good.quiesce = async (call) => {
        await good.quiesce(call)
        store.onAvailable(() => {
          if (!worked || good.inFlight().length > 0 || store.working.has(identity)) return
          store.register(identity)
          const job = store.claim(identity)
          if (typeof job === 'object') void options.handlers.paint(job, undefined as never)
        })
      }
      return inContext({ ...good, quiesce }, (context) => ({
        jobSettled: (lease, outcome) => {
          worked ||= outcome === 'completed'
          context.jobSettled(lease, outcome)
        },
      }))
    },
  ],
  [
    'aborts running jobs when it quiesces',
    'quiesce() lets running jobs finish',
    ({ make }) => {
      const good = make()
      const quiesce: typeof good.quiesce = (options) => {
        for (const lease of good.inFlight()) good.abort(lease, new RecycleAbort('stop', [], 0))
        return good.quiesce(options)
      }
      return { ...good, quiesce }
    },
  ],
  [
    'aborts for a reason of its own',
    'abort() reaches the signal of the job with the very reason',
    ({ make }) => {
      const good = make()
      return { ...good, abort: (lease) => good.abort(lease, new RecycleAbort('stop', [], 0)) }
    },
  ],
  [
    'aborts all jobs',
    'abort() concerns one job only',
    ({ make }) => {
      const good = make()
      const abort: typeof good.abort = (_lease, reason) => {
        for (const each of good.inFlight()) good.abort(each, reason)
      }
      return { ...good, abort }
    },
  ],
  [
    'waits for jobs that it has aborted',
    'a job that ignores abort() holds up neither its hand-back nor stop()',
    ({ make }) => {
      const good = make()
      const aborted = new Set<string>()
      return {
        ...good,
        abort: (lease, reason) => {
          aborted.add(lease.id)
          good.abort(lease, reason)
        },
        handBack: (lease, options) =>
          aborted.has(lease.id) ? never() : good.handBack(lease, options),
      }
    },
  ],
  [
    'lets an aborted job fail that completes',
    'a job that completes after abort() is completed',
    (parts) =>
      parts.make({
        handlers: both(parts, (handle) => async (job, context) => {
          await handle(job, context)
          context.signal.throwIfAborted()
        }),
      }),
  ],
  [
    'completes an aborted job that fails',
    'a job that fails after abort() is handed back, uncharged',
    (parts) =>
      parts.make({
        handlers: both(
          parts,
          (handle) => (job, context) =>
            handle(job, context).catch((error: unknown) => {
              if (!context.signal.aborted) throw error
            }),
        ),
      }),
  ],
]
