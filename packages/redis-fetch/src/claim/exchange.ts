import { type Command, type Driver, listOf, type Reply, replyOf } from '../driver/driver.ts'
import { errorWord } from '../driver/storage-error.ts'
import type { Layout } from '../layout/layout.ts'
import { CLAIM } from '../scripts/claim.ts'
import type { Acknowledgement } from './acknowledgements.ts'
import type { NextTurns, Turn } from './order.ts'

/** A job that was moved into this worker's list. */
export interface ClaimedJob {
  readonly queue: string
  readonly bytes: Buffer
}

/** What one exchange with the server brought. */
interface Exchanged {
  /** One reply for each acknowledgement. */
  readonly replies: readonly Reply[]
  readonly jobs: readonly ClaimedJob[]
  /** Queues that could not be read, and why. */
  readonly troubles: readonly { readonly queue: string; readonly error: Error }[]
  /** This worker was declared dead. */
  readonly fenced: boolean
}

/** Acknowledges and claims in one round trip. A rejection leaves open what was done. */
export type Exchange = (acks: readonly Acknowledgement[], room: number) => Promise<Exchanged>

/** What claiming needs to know. */
export interface ExchangeOptions {
  readonly driver: Driver
  readonly layout: Layout
  readonly identity: string
  readonly turns: NextTurns
  readonly queues: readonly string[]
  /** The server has LMOVEM (Redis 8.10): one command instead of one for each job. */
  readonly lmovem: boolean
}

type Part = Omit<Exchanged, 'replies'>

/** For so many claims a server that was at its memory limit is taken to be there still. */
const CROWDED = 1000

const NOTHING: Part = { jobs: [], troubles: [], fenced: false }

/** Makes the exchange of one worker. */
export function createExchange(options: ExchangeOptions): Exchange {
  const { driver, layout, queues, turns } = options
  /** Claims for which the server is taken to be at its memory limit. */
  let crowded = 0
  const exchange = async (
    acks: readonly Acknowledgement[],
    room: number,
    isFull: boolean,
  ): Promise<Exchanged> => {
    if (room <= 0) return { ...NOTHING, replies: await acknowledge(driver, acks) }
    if (driver.isCluster && queues.length > 1) {
      // Each queue has a slot, perhaps a server, of its own.
      const [replies, part] = await Promise.all([
        acknowledge(driver, acks),
        claimInTurn(options, turns(room), room, isFull),
      ])
      return { ...part, replies }
    }
    const isPlain = layout.fencedBy === 'tomb' && queues.length === 1 && !isFull
    const claim = isPlain
      ? plainClaim(options, room)
      : scriptClaim(options, turns(room), room, isFull)
    const commands = acks.flatMap(({ command, more }) => [command, ...more])
    const all = await driver.send([...commands, ...claim.commands])
    const replies = repliesOf(acks, all)
    return { ...(await claim.read(all.slice(commands.length))), replies }
  }
  return async (acks, room) => {
    crowded = Math.max(0, crowded - 1)
    const result = await exchange(acks, room, crowded > 0)
    // A full server refuses to move a job by a plain command, although that needs no memory.
    if (result.troubles.some(({ error }) => errorWord(error) === 'OOM')) crowded = CROWDED
    return result
  }
}

/** Claims as commands, and how their replies are read. */
interface Claim {
  readonly commands: readonly Command[]
  read(replies: readonly Reply[]): Part | Promise<Part>
}

/** The cheapest way for one queue: plain commands, which a fenced worker's tomb refuses. */
function plainClaim(
  { layout, identity, queues, lmovem, driver }: ExchangeOptions,
  room: number,
): Claim {
  const [queue = ''] = queues
  const { wait, work } = layout.queue(queue)
  const ends = [wait, work(identity), 'RIGHT', 'LEFT'] as const
  const one: Command = ['LMOVE', ...ends]
  const commands: Command[] = lmovem
    ? [['LMOVEM', ...ends, 'COUNT', room, 'OBO']]
    : Array.from({ length: room }, () => one)
  return {
    commands,
    read: async (replies) => {
      const found = replies.flatMap((reply) =>
        lmovem && !(reply instanceof Error) ? listOf(reply).toReversed() : [reply],
      )
      const jobs = found.flatMap((bytes) => (Buffer.isBuffer(bytes) ? [{ queue, bytes }] : []))
      const error = found.find((reply) => reply instanceof Error)
      if (!error) return { ...NOTHING, jobs }
      const fenced = errorWord(error) === 'WRONGTYPE' && (await isTomb(driver, work(identity)))
      return { jobs, troubles: fenced ? [] : [{ queue, error }], fenced }
    },
  }
}

/** Any number of queues in one script: exactly in order, and never more than there is room for. */
function scriptClaim(
  options: ExchangeOptions,
  turns: readonly Turn[],
  room: number,
  isFull: boolean,
): Claim {
  const { driver, layout, identity } = options
  const guarded = layout.fencedBy === 'fence'
  const pairs = turns.flatMap(({ queue }) => {
    const { wait, work } = layout.queue(queue)
    return [wait, work(identity)]
  })
  const keys = [guarded ? layout.fleet.fence(identity) : (pairs[0] ?? ''), ...pairs]
  const args = [guarded ? 'absent' : '', room, isFull ? 1 : 0, ...turns.map(({ limit }) => limit)]
  return {
    commands: [['EVALSHA', CLAIM.sha1, keys.length, ...keys, ...args]],
    read: async ([reply = null]) => {
      const known = errorWord(reply) !== 'NOSCRIPT'
      return readClaim(known ? replyOf([reply]) : await driver.run(CLAIM, keys, args), turns)
    },
  }
}

/** The same order as the script's: first each queue up to its limit, then whatever there is room for. */
async function claimInTurn(
  options: ExchangeOptions,
  turns: readonly Turn[],
  room: number,
  isFull: boolean,
): Promise<Part> {
  let all = NOTHING
  const empty = new Set<string>()
  for (const { queue, limit } of [...turns, ...turns.map((turn) => ({ ...turn, limit: room }))]) {
    const most = Math.min(limit, room - all.jobs.length)
    if (most <= 0 || all.fenced) break
    if (empty.has(queue)) continue
    const claim = scriptClaim(options, [{ queue, limit: most }], most, isFull)
    const part = await claim.read(await options.driver.send(claim.commands))
    if (part.jobs.length < most) empty.add(queue)
    all = {
      jobs: [...all.jobs, ...part.jobs],
      troubles: [...all.troubles, ...part.troubles],
      fenced: part.fenced,
    }
  }
  return all
}

function readClaim(reply: Reply, turns: readonly Turn[]): Part {
  if (Buffer.isBuffer(reply)) return { ...NOTHING, fenced: reply.toString() === 'FENCED' }
  const found = listOf(reply)
  const jobs: ClaimedJob[] = []
  const troubles: { queue: string; error: Error }[] = []
  for (let index = 0; index < found.length; index += 2) {
    const [number, bytes] = [Number(found[index]), found[index + 1]]
    const { queue } = turns[Math.abs(number) - 1] ?? { queue: '' }
    if (!Buffer.isBuffer(bytes)) continue
    if (number > 0) jobs.push({ queue, bytes })
    else troubles.push({ queue, error: new Error(bytes.toString()) })
  }
  return { jobs, troubles, fenced: false }
}

/** Sends acknowledgements alone; in a Cluster those of each queue by themselves. */
async function acknowledge(
  driver: Driver,
  acks: readonly Acknowledgement[],
): Promise<readonly Reply[]> {
  const groups = driver.isCluster ? grouped(acks) : [acks]
  const replies = new Map<Acknowledgement, Reply>()
  await Promise.all(
    groups.map(async (group) => {
      const all = await driver.send(group.flatMap(({ command, more }) => [command, ...more]))
      repliesOf(group, all).forEach((reply, index) => {
        const ack = group[index]
        if (ack) replies.set(ack, reply)
      })
    }),
  )
  return acks.map((ack) => replies.get(ack) ?? null)
}

/** The reply of each acknowledgement's own command. */
function repliesOf(acks: readonly Acknowledgement[], all: readonly Reply[]): Reply[] {
  let position = 0
  return acks.map(({ more }) => {
    const reply = all[position] ?? null
    position += 1 + more.length
    return reply
  })
}

async function isTomb(driver: Driver, key: string): Promise<boolean> {
  const [kind] = await driver.send([['TYPE', key]])
  return String(kind) === 'string'
}

function grouped(acks: readonly Acknowledgement[]): readonly (readonly Acknowledgement[])[] {
  const groups = new Map<string, Acknowledgement[]>()
  for (const ack of acks) groups.set(ack.queue, [...(groups.get(ack.queue) ?? []), ack])
  return [...groups.values()]
}
