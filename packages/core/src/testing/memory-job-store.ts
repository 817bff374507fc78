import type { RecoveredJob, RecoverRequest } from '../contracts/job-source.ts'
import { RecyclerError } from '../errors.ts'
import { parseIdentity } from '../identity.ts'
import type { DeathCause } from '../ledger/death.ts'

/** A job as the memory store keeps it. */
export interface MemoryJob {
  readonly id: string
  readonly name: string
  readonly payload: unknown
  /** Runs that ended or were cut off. */
  readonly runs: number
  readonly interruptions: number
  readonly lastCause?: DeathCause
}

/** A storage that several memory sources share, as processes share a server. Each call is atomic. */
export interface MemoryJobStore {
  readonly queue: readonly MemoryJob[]
  /** What each worker holds, by identity. */
  readonly working: ReadonlyMap<string, readonly MemoryJob[]>
  readonly quarantine: readonly MemoryJob[]
  readonly failed: readonly MemoryJob[]
  /** How often each job was completed, by id: more than once is a fault. */
  readonly completed: ReadonlyMap<string, number>
  /** Identities declared dead: whatever they do late is refused. */
  readonly fenced: ReadonlySet<string>
  /** Adds a job; returns its id. */
  enqueue(name: string, payload?: unknown): string
  /** Calls back whenever a job becomes available; returns the end of it. */
  onAvailable(callback: () => void): () => void
  register(identity: string): void
  /** Takes the worker off the register, unless it still holds jobs. */
  leave(identity: string): void
  claim(identity: string): MemoryJob | 'fenced' | undefined
  settle(identity: string, id: string, outcome: 'completed' | 'failed'): 'settled' | 'fenced'
  putBack(identity: string, id: string): 'handedBack' | 'fenced'
  /** Makes the death of a worker provable, so that a recovery without a name finds it. */
  bury(identity: string): void
  recover(request: RecoverRequest): readonly RecoveredJob[]
}

/** How a memory store differs from the usual one. */
export interface MemoryJobStoreOptions {
  /** A job interrupted this often is put into quarantine. Defaults to 3. */
  readonly quarantineAfter?: number
}

/** Makes an empty store. */
export function memoryJobStore(options: MemoryJobStoreOptions = {}): MemoryJobStore {
  const quarantineAfter = options.quarantineAfter ?? 3
  const queue: MemoryJob[] = []
  const working = new Map<string, MemoryJob[]>()
  const quarantine: MemoryJob[] = []
  const failed: MemoryJob[] = []
  const completed = new Map<string, number>()
  const fenced = new Set<string>()
  const dead = new Set<string>()
  const listeners = new Set<() => void>()
  let last = 0

  const announce = () => {
    for (const listener of listeners) listener()
  }
  const take = (identity: string, id: string): MemoryJob | undefined => {
    const held = working.get(identity) ?? []
    const index = held.findIndex((job) => job.id === id)
    return index === -1 ? undefined : held.splice(index, 1)[0]
  }
  const named = (request: RecoverRequest): readonly string[] =>
    [...working.keys()].filter((identity) => {
      if (request.identity !== undefined) return identity === request.identity
      if (request.invocation === undefined) return dead.has(identity)
      return parseIdentity(identity)?.invocation === request.invocation
    })
  const recoverFrom = (from: string, cause: DeathCause): RecoveredJob[] => {
    const held = working.get(from) ?? []
    working.delete(from)
    fenced.add(from)
    return held.map((job) => {
      const counts = cause !== 'recycle' && cause !== 'stop'
      const charged = counts
        ? { ...job, runs: job.runs + 1, interruptions: job.interruptions + 1, lastCause: cause }
        : job
      const to = charged.interruptions >= quarantineAfter ? 'quarantine' : 'queue'
      if (to === 'quarantine') quarantine.push(charged)
      else queue.unshift(charged)
      return { id: job.id, name: job.name, from, to }
    })
  }

  return {
    queue,
    working,
    quarantine,
    failed,
    completed,
    fenced,
    enqueue: (name, payload) => {
      const id = String((last += 1))
      queue.push({ id, name, payload, runs: 0, interruptions: 0 })
      announce()
      return id
    },
    onAvailable: (callback) => {
      listeners.add(callback)
      return () => void listeners.delete(callback)
    },
    register: (identity) => {
      if (fenced.has(identity) || working.has(identity)) {
        throw new RecyclerError(
          'FENCED',
          `[memory] Cannot register ${identity}: an identity is used once; make a new one`,
        )
      }
      working.set(identity, [])
    },
    leave: (identity) => {
      if (working.get(identity)?.length === 0) working.delete(identity)
    },
    claim: (identity) => {
      const held = working.get(identity)
      if (!held) return 'fenced'
      const job = queue.shift()
      if (job) held.push(job)
      return job
    },
    settle: (identity, id, outcome) => {
      const job = take(identity, id)
      if (!job) return 'fenced'
      if (outcome === 'completed') completed.set(id, (completed.get(id) ?? 0) + 1)
      else failed.push({ ...job, runs: job.runs + 1 })
      return 'settled'
    },
    putBack: (identity, id) => {
      const job = take(identity, id)
      if (!job) return 'fenced'
      queue.unshift(job)
      announce()
      return 'handedBack'
    },
    bury: (identity) => void dead.add(identity),
    recover: (request) => {
      const recovered = named(request).flatMap((identity) =>
        recoverFrom(identity, request.cause ?? 'unknown'),
      )
      if (recovered.length > 0) announce()
      return recovered
    },
  }
}
