import { parseIdentity } from '@worker-recycler/core'
import { buffersOf, numberOf, pairsOf, replyOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import { registered } from '../recovery/recover.ts'
import { knownQueues } from './known-queues.ts'

/** One queue in numbers. */
export interface QueueStatus {
  readonly name: string
  readonly waiting: number
  /** Must run alone. */
  readonly suspects: number
  readonly scheduled: number
  readonly retry: number
  readonly held: number
  readonly dead: number
  readonly quarantine: number
}

/** A job in a worker's hands. */
export interface HeldJobStatus {
  readonly id: string
  readonly name: string
  readonly queue: string
  /** How long it has been running; missing while the worker has not told. */
  readonly ageMs?: number
}

/** One worker as the server knows it. */
export interface WorkerStatus {
  readonly identity: string
  readonly name?: string
  /** `lost`: its lease has run out. `recovering`: it was declared dead. `stalled`: it lives, its event loop is blocked. */
  readonly state: 'working' | 'leaving' | 'stalled' | 'lost' | 'recovering'
  readonly queues: readonly string[]
  readonly concurrency: number
  readonly host: string
  readonly pid: number
  readonly startedAtEpochMs: number
  /** Resident memory, as the worker said last. */
  readonly rssBytes?: number
  /** Until its lease runs out; negative when it has. */
  readonly leaseMs: number
  /** For how long its event loop has been blocked. */
  readonly stalledMs?: number
  readonly jobs: readonly HeldJobStatus[]
}

/** The whole fleet at one moment. */
export interface FleetStatus {
  readonly queues: readonly QueueStatus[]
  readonly workers: readonly WorkerStatus[]
  /** The identity of the worker that looks after the fleet. */
  readonly keeper?: string
}

/** What a worker says of itself every few seconds. */
export interface WorkerState {
  readonly phase: 'working' | 'leaving'
  readonly rssBytes: number
  /** Ids of running jobs, and when each began. */
  readonly jobs: Readonly<Record<string, number>>
}

/** Reads the state of all queues and workers. Costs a few commands for each of them. */
export async function readStatus(fleet: Fleet): Promise<FleetStatus> {
  const { driver, layout } = fleet
  const names = await knownQueues(fleet)
  const [keeper] = await driver.send([['GET', layout.fleet.keeper]])
  const [seconds, micros] = buffersOf(replyOf(await driver.send([['TIME']])))
  const nowMs = numberOf(seconds) * 1000 + Math.floor(numberOf(micros) / 1000)
  const workers: WorkerStatus[] = []
  for (const identity of await registered(fleet)) {
    const worker = await readWorker(fleet, identity, nowMs)
    if (worker) workers.push(worker)
  }
  const queues: QueueStatus[] = []
  for (const name of names.toSorted()) {
    const held = workers.flatMap(({ jobs }) => jobs).filter(({ queue }) => queue === name).length
    queues.push(await readQueue(fleet, name, held))
  }
  return { queues, workers, ...(Buffer.isBuffer(keeper) && { keeper: keeper.toString() }) }
}

async function readQueue(
  { driver, layout }: Fleet,
  name: string,
  held: number,
): Promise<QueueStatus> {
  const keys = layout.queue(name)
  const [waiting, suspects, scheduled, retry, dead, quarantine] = await driver.send([
    ['LLEN', keys.wait],
    ['LLEN', keys.suspects],
    ['ZCARD', keys.scheduled],
    ['ZCARD', keys.retry],
    ['ZCARD', keys.dead],
    ['ZCARD', keys.quarantine],
  ])
  const shared = keys.scheduled === keys.retry
  return {
    name,
    waiting: numberOf(waiting),
    suspects: numberOf(suspects),
    scheduled: numberOf(scheduled),
    // The native layout keeps both in one set: what was delayed, for either reason.
    retry: shared ? 0 : numberOf(retry),
    held,
    dead: numberOf(dead),
    quarantine: numberOf(quarantine),
  }
}

async function readWorker(
  fleet: Fleet,
  identity: string,
  nowMs: number,
): Promise<WorkerStatus | undefined> {
  const { driver, layout } = fleet
  const { workers, worker } = layout.fleet
  const [deadline, hash = null] = await driver.send([
    ['ZSCORE', workers, identity],
    ['HGETALL', worker(identity)],
  ])
  if (deadline === null) return undefined
  const facts = new Map(pairsOf(hash).map(([field, value]) => [field, value.toString()]))
  const state = readState(facts.get('state'))
  const leaseMs = numberOf(deadline) === 0 ? 0 : numberOf(deadline) - nowMs
  const stalledMs = Number(facts.get('stalledMs') ?? 0)
  const queues = facts.get('queues')?.split(',').filter(Boolean) ?? []
  const { host = '', pid = 0 } = parseIdentity(identity) ?? {}
  const name = facts.get('name')
  return {
    identity,
    ...(name && { name }),
    state: stateOf(numberOf(deadline), leaseMs, stalledMs, state),
    queues,
    concurrency: Number(facts.get('concurrency') ?? 0),
    host,
    pid,
    startedAtEpochMs: Number(facts.get('registeredAt') ?? 0),
    ...(state && { rssBytes: state.rssBytes }),
    leaseMs,
    ...(stalledMs > 0 && { stalledMs }),
    jobs: await readHeld(fleet, identity, queues, state, nowMs),
  }
}

function stateOf(
  deadline: number,
  leaseMs: number,
  stalledMs: number,
  state: WorkerState | undefined,
): WorkerStatus['state'] {
  if (deadline === 0) return 'recovering'
  if (leaseMs < 0) return 'lost'
  if (stalledMs > 0) return 'stalled'
  return state?.phase ?? 'working'
}

async function readHeld(
  { driver, layout }: Fleet,
  identity: string,
  queues: readonly string[],
  state: WorkerState | undefined,
  nowMs: number,
): Promise<HeldJobStatus[]> {
  const jobs: HeldJobStatus[] = []
  for (const queue of queues) {
    const { work, recovering } = layout.queue(queue)
    for (const key of new Set([work(identity), recovering(identity)])) {
      const [listed] = await driver.send([['LRANGE', key, 0, -1]])
      // A fenced worker has a tomb instead of a list.
      for (const bytes of buffersOf(listed instanceof Error ? null : (listed ?? null))) {
        const { id = '', name = '' } = layout.codec.parse(bytes, queue) ?? {}
        const since = state?.jobs[id]
        jobs.push({
          id,
          name,
          queue,
          ...(since !== undefined && { ageMs: Math.max(0, nowMs - since) }),
        })
      }
    }
  }
  return jobs
}

function readState(text: string | undefined): WorkerState | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as WorkerState)
  } catch {
    return undefined
  }
}
