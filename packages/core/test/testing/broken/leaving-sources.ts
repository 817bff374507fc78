import { insides, inContext, never, turns, type BrokenSource } from './job-source.ts'

/** Sources that are wrong when they hand back, are throttled, or stop. */
export const leavingSources: readonly BrokenSource[] = [
  [
    'says handed back before the job is available',
    'a job handed back is available at once, and another worker runs it',
    ({ make, store }) =>
      make(undefined, {
        putBack: (identity, id) => {
          if (!store.working.has(identity)) return 'fenced'
          void turns(3).then(() => store.putBack(identity, id))
          return 'handedBack'
        },
      }),
    'a hand-back that meets the end of its job leaves one of the two',
    'a job that fails after abort() is handed back, uncharged',
    'a job that ignores abort() holds up neither its hand-back nor stop()',
    'quiesce() resolves when no fetch is in flight any more',
    'two hand-backs of one job at once leave one copy',
  ],
  [
    'lets go of a job, then hands it back',
    'a job is in a durable place at every step of its hand-back',
    ({ make, store }) => {
      const good = make()
      const handBack: typeof good.handBack = async (lease, options) => {
        for (const held of insides(store).working.values()) {
          const index = held.findIndex(({ id }) => id === lease.id)
          if (index === -1) continue
          const taken = held.splice(index, 1)
          await turns(2)
          held.push(...taken)
        }
        return good.handBack(lease, options)
      }
      return { ...good, handBack }
    },
    'a hand-back that meets the end of its job leaves one of the two',
    'two hand-backs of one job at once leave one copy',
  ],
  [
    'tells of a hand-back as a failure',
    'a hand-back is told by jobSettled(), and ends the lease',
    ({ make }) =>
      inContext(make(), (context) => ({
        jobSettled: (lease, outcome) =>
          context.jobSettled(lease, outcome === 'handedBack' ? 'failed' : outcome),
      })),
    'a hand-back that meets the end of its job leaves one of the two',
    'a job that fails after abort() is handed back, uncharged',
  ],
  [
    'charges a run for a hand-back',
    'a hand-back is charged neither as a run nor as an interruption',
    ({ make, store }) =>
      make(undefined, {
        putBack: (identity, id) => {
          const outcome = store.putBack(identity, id)
          const [job] = store.queue
          if (job) insides(store).queue[0] = { ...job, runs: job.runs + 1 }
          return outcome
        },
      }),
    'a job that fails after abort() is handed back, uncharged',
  ],
  [
    'hands back what has ended',
    'handBack() of a job that has ended says alreadySettled, and returns nothing',
    ({ make, store }) => {
      const good = make()
      const handBack: typeof good.handBack = async (lease, options) => {
        const isHeld = good.inFlight().some(({ id }) => id === lease.id)
        if (isHeld) return good.handBack(lease, options)
        store.enqueue(lease.name)
        return 'handedBack'
      }
      return { ...good, handBack }
    },
    'a hand-back that meets the end of its job leaves one of the two',
  ],
  [
    'completes jobs that it has handed back',
    'a handler that ends after its hand-back changes nothing',
    ({ make, store, options: { handlers } }) => {
      const handedBack = new Set<string>()
      const good = make({
        handlers: {
          ...handlers,
          paint: async (job, context) => {
            await handlers.paint(job, context)
            const { queue } = insides(store)
            const index = queue.findIndex(({ id }) => id === job.id)
            if (handedBack.has(job.id) && index !== -1) queue.splice(index, 1)
          },
        },
      })
      const handBack: typeof good.handBack = async (lease, options) => {
        const outcome = await good.handBack(lease, options)
        handedBack.add(lease.id)
        return outcome
      }
      return { ...good, handBack }
    },
  ],
  [
    'hands back a job that is being settled',
    'a hand-back that meets the end of its job leaves one of the two',
    ({ make, store }) => {
      const good = make()
      const handBack: typeof good.handBack = async (lease, options) => {
        const wasHeld = good.inFlight().some(({ id }) => id === lease.id)
        const outcome = await good.handBack(lease, options)
        if (!wasHeld || outcome !== 'alreadySettled') return outcome
        store.enqueue(lease.name)
        return 'handedBack'
      }
      return { ...good, handBack }
    },
  ],
  [
    'hands back twice when asked twice',
    'two hand-backs of one job at once leave one copy',
    ({ make, store }) => {
      const good = make()
      const underWay = new Set<string>()
      const handBack: typeof good.handBack = async (lease, options) => {
        const isSecond = underWay.has(lease.id)
        underWay.add(lease.id)
        const outcome = await good.handBack(lease, options)
        const job = store.queue.find(({ id }) => id === lease.id)
        if (isSecond && job) insides(store).queue.push(job)
        return outcome
      }
      return { ...good, handBack }
    },
  ],
  [
    'ignores every throttle but 0',
    'throttle() takes at most its share of the usual number of jobs',
    ({ make }) => {
      const good = make()
      return { ...good, throttle: (share) => good.throttle?.(share === 0 ? 0 : 1) }
    },
  ],
  [
    'always takes one job',
    'throttle(0) takes nothing',
    ({ make }) => {
      const good = make()
      return { ...good, throttle: (share) => good.throttle?.(Math.max(share, 0.25)) }
    },
  ],
  [
    'never ends a throttle',
    'throttle(1) ends the throttle',
    ({ make }) => {
      const good = make()
      let least = 1
      return {
        ...good,
        throttle: (share) => {
          least = Math.min(least, share)
          good.throttle?.(least)
        },
      }
    },
  ],
  [
    'cannot stop before it has started',
    'stop() before start() does nothing',
    ({ make }) => {
      const good = make()
      let started = false
      return {
        ...good,
        start: (...args) => {
          started = true
          return good.start(...args)
        },
        stop: async (options) => {
          if (!started) throw new Error('Not started')
          return good.stop(options)
        },
      }
    },
  ],
  [
    'cannot stop twice',
    'stop() a second time does nothing',
    ({ make }) => {
      const good = make()
      let stopped = false
      const stop: typeof good.stop = async (options) => {
        if (stopped) throw new Error('Stopped before')
        stopped = true
        return good.stop(options)
      }
      return { ...good, stop }
    },
  ],
  [
    'does not stop while it starts',
    'stop() while start() is under way leaves nothing that claims',
    ({ make }) => {
      const good = make()
      let starting = false
      return {
        ...good,
        start: async (...args) => {
          starting = true
          await good.start(...args)
          starting = false
        },
        stop: async (options) => {
          if (!starting) await good.stop(options)
        },
      }
    },
  ],
  [
    'waits for jobs when it stops',
    'stop() waits for no job, and leaves the held ones durable',
    ({ make }) => {
      const good = make()
      const stop: typeof good.stop = (options) =>
        good.inFlight().length > 0 ? never() : good.stop(options)
      return { ...good, stop }
    },
  ],
  [
    'does not stop once it has worked',
    'claims nothing after stop()',
    ({ make }) => {
      const good = make()
      let worked = false
      const stop: typeof good.stop = async (options) => {
        if (!worked) await good.stop(options)
      }
      return inContext({ ...good, stop }, (context) => ({
        jobSettled: (lease, outcome) => {
          worked = true
          context.jobSettled(lease, outcome)
        },
      }))
    },
  ],
  [
    'hangs in start() when there is no time',
    'start() with an aborted signal ends promptly',
    ({ make }) => {
      const good = make()
      return { ...good, start: (c, o) => (o.signal.aborted ? never() : good.start(c, o)) }
    },
  ],
  [
    'hangs in quiesce() when there is no time',
    'quiesce() with an aborted signal ends promptly',
    ({ make }) => {
      const good = make()
      return { ...good, quiesce: (o) => (o.signal.aborted ? never() : good.quiesce(o)) }
    },
  ],
  [
    'hangs in handBack() when there is no time',
    'handBack() with an aborted signal ends promptly, and loses no job',
    ({ make }) => {
      const good = make()
      return { ...good, handBack: (l, o) => (o.signal.aborted ? never() : good.handBack(l, o)) }
    },
  ],
  [
    'hangs in stop() when there is no time',
    'stop() with an aborted signal ends promptly',
    ({ make }) => {
      const good = make()
      return { ...good, stop: (o) => (o.signal.aborted ? never() : good.stop(o)) }
    },
  ],
]
