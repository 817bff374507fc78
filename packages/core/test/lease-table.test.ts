import {
  createDeadline,
  createLeaseTable,
  RecycleAbort,
  type JobContext,
  type JobOutcome,
  type Lease,
  type LeaseWork,
} from '@worker-recycler/core'
import { fakeClock } from '@worker-recycler/core/testing'
import { describe, expect, it } from 'vitest'

const lease = (id: string): Lease => ({
  id,
  name: 'paint',
  startedAtMs: 0,
  delivery: { count: 2, interruptions: 1, lastCause: 'crash' },
})

/** A promise with its ends in hand. */
function gate<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

/** A table, and a job in it whose every step is ended by hand. */
function bench() {
  const log: string[] = []
  const deadline = createDeadline(fakeClock())
  const table = createLeaseTable({
    deadline,
    jobStarted: ({ id }) => log.push(`started ${id}, holding ${held().join()}`),
    jobSettled: ({ id }, outcome) => log.push(`${outcome} ${id}, holding ${held().join()}`),
  })
  const held = (): string[] => table.inFlight().map(({ id }) => id)
  const job = (id: string) => {
    const handled = gate<undefined>()
    const settled = gate<'settled' | 'fenced'>()
    const putBack = gate<'handedBack' | 'fenced'>()
    const contexts: JobContext[] = []
    const work: LeaseWork = {
      handle: async (context) => {
        contexts.push(context)
        log.push(`handling ${id}`)
        await handled.promise
      },
      settle: (outcome, error) => {
        log.push(
          `settling ${id} as ${outcome}${error instanceof Error ? `: ${error.message}` : ''}`,
        )
        return settled.promise
      },
      putBack: () => {
        log.push(`putting back ${id}`)
        return putBack.promise
      },
    }
    const run: Promise<JobOutcome> = table.run(lease(id), work)
    return { handled, settled, putBack, contexts, run }
  }
  return { table, deadline, log, held, job }
}

const abort = () => new RecycleAbort('recycle', [], 100)
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('a run', () => {
  it('is told before its handler, and told as ended when it is durable and has left', async () => {
    const { log, job } = bench()
    const { handled, settled, run } = job('1')
    handled.resolve(undefined)
    await turn()
    expect(log).toEqual(['started 1, holding 1', 'handling 1', 'settling 1 as completed'])
    settled.resolve('settled')
    expect(await run).toBe('completed')
    expect(log.at(-1)).toBe('completed 1, holding ')
  })

  it('that rejects is settled as failed, with its error', async () => {
    const { log, job } = bench()
    const { handled, settled, run } = job('1')
    handled.reject(new Error('Dry'))
    settled.resolve('settled')
    expect(await run).toBe('failed')
    expect(log).toContain('settling 1 as failed: Dry')
  })

  it('of a fenced worker is told as fenced', async () => {
    const { log, job } = bench()
    const { handled, settled, run } = job('1')
    handled.resolve(undefined)
    settled.resolve('fenced')
    expect(await run).toBe('fenced')
    expect(log.at(-1)).toBe('fenced 1, holding ')
  })

  it('whose end cannot be made durable rejects, and stays in flight for recovery', async () => {
    const { log, held, job } = bench()
    const { handled, settled, run } = job('1')
    handled.resolve(undefined)
    settled.reject(new Error('Disk full'))
    await expect(run).rejects.toThrow('Disk full')
    expect(held()).toEqual(['1'])
    expect(log.at(-1)).toBe('settling 1 as completed')
  })

  it('shows its handler the delivery, the deadline and a signal', () => {
    const { deadline, job } = bench()
    const [context] = job('1').contexts
    expect(context?.delivery).toEqual({ count: 2, interruptions: 1, lastCause: 'crash' })
    expect(context?.deadline).toBe(deadline)
    expect(context?.signal.aborted).toBe(false)
  })
})

describe('inFlight()', () => {
  it('gives the oldest first', async () => {
    const { held, job } = bench()
    const first = job('1')
    job('2')
    job('3')
    expect(held()).toEqual(['1', '2', '3'])
    first.handled.resolve(undefined)
    first.settled.resolve('settled')
    await first.run
    expect(held()).toEqual(['2', '3'])
  })
})

describe('abort()', () => {
  it('aborts the signal of one job, with the reason', () => {
    const { table, job } = bench()
    const one = job('1')
    const other = job('2')
    const reason = abort()
    table.abort(lease('1'), reason)
    expect(one.contexts[0]?.signal.reason).toBe(reason)
    expect(other.contexts[0]?.signal.aborted).toBe(false)
  })

  it('of a job that has ended does nothing', () => {
    const { table } = bench()
    expect(() => table.abort(lease('1'), abort())).not.toThrow()
  })

  it('makes a job that then fails be handed back', async () => {
    const { table, log, job } = bench()
    const { handled, putBack, run } = job('1')
    table.abort(lease('1'), abort())
    handled.reject(new Error('Aborted'))
    putBack.resolve('handedBack')
    expect(await run).toBe('handedBack')
    expect(log.slice(2)).toEqual(['putting back 1', 'handedBack 1, holding '])
  })

  it('lets a job complete that does', async () => {
    const { table, job } = bench()
    const { handled, settled, run } = job('1')
    table.abort(lease('1'), abort())
    handled.resolve(undefined)
    settled.resolve('settled')
    expect(await run).toBe('completed')
  })
})

describe('handBack()', () => {
  it('puts the job back, then tells that it has left', async () => {
    const { table, log, held, job } = bench()
    const { putBack } = job('1')
    const handingBack = table.handBack(lease('1'))
    await turn()
    expect(held()).toEqual(['1'])
    putBack.resolve('handedBack')
    expect(await handingBack).toBe('handedBack')
    expect(log.slice(2)).toEqual(['putting back 1', 'handedBack 1, holding '])
  })

  it('of a job that is not held says alreadySettled', async () => {
    expect(await bench().table.handBack(lease('1'))).toBe('alreadySettled')
  })

  it('leaves nothing to settle for a handler that ends later, either way', async () => {
    for (const isFailing of [false, true]) {
      const { table, log, job } = bench()
      const { handled, putBack, run } = job('1')
      putBack.resolve('handedBack')
      await table.handBack(lease('1'))
      if (isFailing) handled.reject(new Error('Too late'))
      else handled.resolve(undefined)
      expect(await run).toBe('handedBack')
      expect(log.filter((line) => line.startsWith('settling'))).toEqual([])
    }
  })

  it('that is under way when the handler ends goes first', async () => {
    const { table, log, job } = bench()
    const { handled, putBack, run } = job('1')
    const handingBack = table.handBack(lease('1'))
    handled.resolve(undefined)
    await turn()
    putBack.resolve('handedBack')
    expect(await Promise.all([handingBack, run])).toEqual(['handedBack', 'handedBack'])
    expect(log.slice(2)).toEqual(['putting back 1', 'handedBack 1, holding '])
  })

  it('waits for a settling that has begun, and puts nothing back', async () => {
    const { table, log, job } = bench()
    const { handled, settled, run } = job('1')
    handled.resolve(undefined)
    await turn()
    const handingBack = table.handBack(lease('1'))
    settled.resolve('settled')
    expect(await handingBack).toBe('alreadySettled')
    expect(await run).toBe('completed')
    expect(log).not.toContain('putting back 1')
  })

  it.for(['putBack', 'settled'] as const)(
    'says fenced when the storage does (%s)',
    async (step) => {
      const { table, job } = bench()
      const { handled, settled, putBack, run } = job('1')
      if (step === 'settled') handled.resolve(undefined)
      await turn()
      const handingBack = table.handBack(lease('1'))
      settled.resolve('fenced')
      putBack.resolve('fenced')
      expect(await handingBack).toBe('fenced')
      handled.resolve(undefined)
      expect(await run).toBe('fenced')
    },
  )

  it('twice at once puts back once', async () => {
    const { table, log, job } = bench()
    const { putBack } = job('1')
    const both = Promise.all([table.handBack(lease('1')), table.handBack(lease('1'))])
    putBack.resolve('handedBack')
    expect(await both).toEqual(['handedBack', 'handedBack'])
    expect(log.filter((line) => line.startsWith('putting'))).toEqual(['putting back 1'])
  })

  it('that fails leaves the job in flight, and can be tried again', async () => {
    let tries = 0
    let settlings = 0
    const handled = gate<undefined>()
    const deadline = createDeadline(fakeClock())
    const table = createLeaseTable({ deadline, jobStarted: () => {}, jobSettled: () => {} })
    const run = table.run(lease('1'), {
      handle: () => handled.promise,
      settle: async () => {
        settlings += 1
        return 'settled'
      },
      putBack: async () => {
        tries += 1
        if (tries === 1) throw new Error('Disk full')
        return 'handedBack'
      },
    })
    await expect(table.handBack(lease('1'))).rejects.toThrow('Disk full')
    expect(table.inFlight()).toHaveLength(1)
    expect(await table.handBack(lease('1'))).toBe('handedBack')
    expect(table.inFlight()).toEqual([])
    handled.resolve(undefined)
    expect(await run).toBe('handedBack')
    expect([tries, settlings]).toEqual([2, 0])
  })
})
