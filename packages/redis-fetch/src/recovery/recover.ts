import {
  parseIdentity,
  type RecoveredJob,
  type RecoverReport,
  type RecoverRequest,
} from '@worker-recycler/core'
import { buffersOf, replyOf } from '../driver/driver.ts'
import type { Fleet } from '../fleet.ts'
import { type RecoveryOptions, recoverWorker } from './recover-worker.ts'

/** The workers whose leases have run out, if that may be believed. */
export type FindDead = () => Promise<readonly string[]>

/** Recovers one worker by name, or every one that is provably dead. */
export async function recover(
  fleet: Fleet,
  request: RecoverRequest,
  findDead: FindDead,
  options: RecoveryOptions,
  signal: AbortSignal,
): Promise<RecoverReport> {
  const { identity, invocation, cause = 'unknown' } = request
  signal.throwIfAborted()
  const recovered: RecoveredJob[] = []
  if (identity !== undefined || invocation !== undefined) {
    const named = identity === undefined ? await byInvocation(fleet, invocation ?? '') : [identity]
    for (const each of named) {
      const grounds = { cause, grounds: 'certain' } as const
      recovered.push(...(await recoverWorker(fleet, each, grounds, options, signal)))
    }
    return { recovered }
  }
  for (const each of await findDead()) {
    const grounds = { cause, grounds: 'lease' } as const
    recovered.push(...(await recoverWorker(fleet, each, grounds, options, signal)))
  }
  return { recovered }
}

/** Every worker that is registered, living or not. */
export async function registered({ driver, layout }: Fleet): Promise<string[]> {
  const reply = replyOf(await driver.send([['ZRANGE', layout.fleet.workers, 0, -1]]))
  return buffersOf(reply).map(String)
}

/** The workers whose lease has run out, by the server's time. */
export async function leaseEnded({ driver, layout }: Fleet, nowMs: number): Promise<string[]> {
  const range = ['ZRANGE', layout.fleet.workers, '-inf', nowMs, 'BYSCORE', 'LIMIT', 0, 100] as const
  return buffersOf(replyOf(await driver.send([range]))).map(String)
}

async function byInvocation(fleet: Fleet, invocation: string): Promise<string[]> {
  // A supervisor may write its name for the process with dashes, as UUIDs are.
  const wanted = invocation.replaceAll('-', '')
  const all = await registered(fleet)
  return all.filter((identity) => parseIdentity(identity)?.invocation === wanted)
}
