import { fileURLToPath, pathToFileURL } from 'node:url'
import { fakeClock, monitorContract, type MonitorTestBed } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { bundledPrograms } from '../../../test/bundle.ts'
import { psiMonitor } from '../src/psi-monitor.ts'
import { fakeRoot } from './kit/fake-root.ts'
import { serviceTree } from './kit/trees.ts'

const runner = { describe, it }
/** Threads take their time to start on a busy machine. */
const patienceMs = 30_000

describe('on a fake tree, by a fake clock', () => {
  monitorContract(runner, {
    create: (): MonitorTestBed => {
      let root = '/'
      return {
        clock: fakeClock(),
        setUp: () => {
          root = fakeRoot(serviceTree()).root
        },
        // V8's heap is of the process that runs the tests: it moves by itself.
        monitor: () => psiMonitor({ root, env: {}, heap: false }),
      }
    },
  })
})

describe('on this system', () => {
  monitorContract(runner, {
    patienceMs,
    create: (): MonitorTestBed => ({ monitor: () => psiMonitor({ calmMs: 50 }) }),
  })
})

describe('in a thread, as it is shipped', () => {
  const at = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))
  const program = bundledPrograms({
    index: at('index.ts'),
    'sampler-thread': at('thread/sampler-thread.ts'),
  })
  let make = psiMonitor
  monitorContract(runner, {
    patienceMs,
    create: (): MonitorTestBed => ({
      setUp: async () => {
        const shipped = (await import(pathToFileURL(program('index')).href)) as {
          psiMonitor: typeof psiMonitor
        }
        make = shipped.psiMonitor
      },
      monitor: () => make({ thread: true, calmMs: 50, heap: false }),
    }),
  })
})
