import type { ChildProcess } from 'node:child_process'
import {
  coordinatorContract,
  enforcerContract,
  fakeClock,
  startStopContract,
} from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { forkCoordinator, forkEnforcer } from '../src/index.ts'
import { seal } from '../src/protocol.ts'
import { bundled } from './support/bundle.ts'
import { guardsOf } from './support/guards.ts'
import { isAlive, type Stage, stage } from './support/harness.ts'
import { relayedChannel } from './support/relay.ts'

const program = bundled()
const runner = { describe, it }

/** A supervisor whose workers lend their channels to the test. */
function relayStage(options: Parameters<typeof stage>[1] = {}) {
  let theStage: Stage | undefined
  const workers = options.workers ?? 1
  return {
    children: () => [...(theStage?.children.values() ?? [])],
    setUp: async () => {
      theStage = stage(program('relay'), { stopMs: 1000, ...options })
      await theStage.supervisor.start()
      for (const pid of theStage.children.keys()) await theStage.said('relaying', pid)
    },
    tearDown: async () => await theStage?.supervisor.stop({ force: 'kill' }),
    /** Lets the only worker exit, and waits for its successor. */
    succeed: async () => {
      const [first] = theStage?.children.values() ?? []
      first?.send({ exit: 75 })
      const next = await theStage?.seen('worker:restarted')
      await theStage?.said('relaying', next?.pid)
      return theStage?.children.get(next?.pid ?? 0)
    },
    workers,
  }
}

enforcerContract(runner, {
  create: () => {
    const relay = relayStage({ limits: { limitBytes: 2 ** 31 } })
    const enforcerOf = (child: () => ChildProcess | undefined) =>
      forkEnforcer({
        channel: relayedChannel(child),
        invocation: '0123456789abcdef',
        clock: fakeClock(),
      })
    return {
      setUp: relay.setUp,
      tearDown: relay.tearDown,
      enforcer: () => enforcerOf(() => relay.children()[0]),
      successor: async () => {
        const child = await relay.succeed()
        return enforcerOf(() => child)
      },
      ask: (request) => void relay.children()[0]?.send(seal({ type: 'request', request })),
    }
  },
})

coordinatorContract(runner, {
  create: () => {
    const clock = fakeClock()
    const relay = relayStage({ workers: 3, maxRecycling: 3, clock })
    let opened = 0
    return {
      setUp: relay.setUp,
      tearDown: relay.tearDown,
      coordinator: () => {
        const index = opened % relay.workers
        opened += 1
        return forkCoordinator({ channel: relayedChannel(() => relay.children()[index]) })
      },
      pass: (ms) => clock.advance(ms),
    }
  },
})

startStopContract(runner, {
  name: 'fork supervisor',
  // Every cycle starts processes of Node.js.
  actors: 3,
  cycles: 5,
  patienceMs: 20_000,
  create: () => {
    const pids: number[] = []
    return {
      service: () =>
        stage(program('polite'), {
          guard: true,
          workers: 2,
          onSpawn: (_child, { pid }) => pids.push(pid),
        }).supervisor,
      leaks: () => [
        ...pids.filter((pid) => isAlive(pid)).map((pid) => `worker ${pid}`),
        ...guardsOf(process.pid).map((pid) => `guard ${pid}`),
      ],
    }
  },
})
