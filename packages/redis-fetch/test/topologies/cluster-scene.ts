import type { RedisQueue } from '../../src/redis-queue.ts'
import { type FaultScene, faultScene, ownQueue } from '../faults/fault-scene.ts'
import {
  type InProcessOptions,
  type InProcessWorker,
  inProcessWorker,
} from '../faults/in-process-worker.ts'
import type { SharedCluster } from './shared-cluster.ts'

/** A fleet of its own on a shared cluster. */
export interface ClusterScene extends FaultScene {
  /** One queue for each node, whose keys lie there. */
  readonly queues: readonly string[]
  /** The node of the keys that the whole fleet shares. */
  readonly fleetNode: number
  readonly worker: (options?: InProcessOptions) => InProcessWorker
  readonly queue: () => RedisQueue
  /** Adds jobs with these ids to a queue. */
  readonly fill: (queue: string, ...ids: readonly string[]) => Promise<void>
}

/** Opens a scene whose queues are spread over all nodes. */
export async function clusterScene({ cluster, raw, server }: SharedCluster): Promise<ClusterScene> {
  const scene = faultScene(raw, 'native')
  const { nodes, ...asked } = cluster()
  const ownerOf = (key: string) => asked.ownerOf(key)
  const queues: string[] = []
  for (let number = 0; queues.filter(Boolean).length < nodes.length; number += 1) {
    const owner = await ownerOf(scene.keys(`q${number}`).wait)
    queues[owner] ??= `q${number}`
  }
  const storage = { ...scene.storage, ...server() }
  return {
    ...scene,
    queues,
    fleetNode: await ownerOf(scene.keys().workers),
    worker: (options = {}) => inProcessWorker({ ...storage, ...options }),
    queue: () => ownQueue(storage),
    fill: async (queue, ...ids) => {
      for (const id of ids) await scene.push({ id, queue })
    },
  }
}
