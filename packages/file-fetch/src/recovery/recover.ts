import type {
  CallOptions,
  RecoveredJob,
  RecoverReport,
  RecoverRequest,
} from '@worker-recycler/core'
import { listNames } from '../directory/list.ts'
import type { QueueDirectory } from '../directory/queue-directory.ts'
import { decodeIdentity } from '../names/identity-name.ts'
import { openFences } from './fence-worker.ts'
import { finishRecovery, type RecoveryContext, recoverWorker } from './recover-worker.ts'

/** Finds the workers that are provably dead. */
export type FindDead = () => Promise<readonly string[]>

/**
 * Recovers one worker by its name, or every one that is provably dead, after finishing the
 * recoveries that others began.
 */
export async function recover(
  context: RecoveryContext,
  request: RecoverRequest,
  findDead: FindDead,
  { signal }: CallOptions,
): Promise<RecoverReport> {
  const { directory } = context
  const cause = request.cause ?? 'unknown'
  const recovered: RecoveredJob[] = []
  if (request.identity !== undefined) {
    recovered.push(...(await recoverWorker(context, request.identity, cause, signal)))
  } else if (request.invocation !== undefined) {
    for (const identity of await byInvocation(directory, request.invocation)) {
      recovered.push(...(await recoverWorker(context, identity, cause, signal)))
    }
  } else {
    for (const identity of new Set((await openFences(directory)).map((fence) => fence.identity))) {
      recovered.push(...(await finishRecovery(context, identity, signal)))
    }
    for (const identity of await findDead()) {
      recovered.push(...(await recoverWorker(context, identity, cause, signal)))
    }
  }
  return { recovered }
}

/** Every worker that is registered in the directory. */
export async function registered(directory: QueueDirectory): Promise<string[]> {
  const names = await listNames(directory.workers)
  return names.flatMap((name) => {
    const identity = name.endsWith('.json') ? decodeIdentity(name.slice(0, -5)) : undefined
    return identity === undefined ? [] : [identity]
  })
}

async function byInvocation(
  directory: QueueDirectory,
  invocation: string,
): Promise<ReadonlySet<string>> {
  const known = [
    ...(await registered(directory)),
    ...(await listNames(directory.working)).flatMap((name) => decodeIdentity(name) ?? []),
    ...(await openFences(directory)).map((fence) => fence.identity),
  ]
  // A supervisor may write its name for the process with dashes, as UUIDs are.
  const suffix = `:${invocation.replaceAll('-', '')}`
  return new Set(known.filter((identity) => identity.endsWith(suffix)))
}
