import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { bullmqScene } from './bullmq-scene.ts'

/** What an example of a page needs, and what it is to do. */
export interface ExampleScene {
  /** What is changed in it, so that it can run here: absolute paths, ports. */
  readonly edits: readonly (readonly [from: string, to: string])[]
  /** Whether it has done what it is for: by its output so far, or by the folder it runs in. */
  readonly done: (output: string, cwd: string) => boolean | Promise<boolean>
  /** Takes the scene down. */
  readonly close?: () => Promise<void>
}

/** How the first example of a page is run. */
export interface ExampleRun {
  /** The folder of its package; empty for the project's own page. */
  readonly folder: string
  readonly scene: () => ExampleScene | Promise<ExampleScene>
  /** How it ends when it is asked to stop. */
  readonly end: 0 | 'SIGTERM'
}

const count = (folder: string): number => (existsSync(folder) ? readdirSync(folder).length : 0)

/** All that can run by themselves; the other examples are compiled only. */
export const EXAMPLE_RUNS: readonly ExampleRun[] = [
  {
    folder: '',
    scene: () => ({
      edits: [],
      done: (output, cwd) =>
        /: Hello, guest \d+$/m.test(output) && count(join(cwd, 'queue/completed')) > 0,
    }),
    end: 0,
  },
  { folder: 'bullmq-adapter', scene: bullmqScene, end: 0 },
  {
    folder: 'file-fetch',
    scene: () => ({
      edits: [['/var/lib/app/queue', './queue']],
      done: (_output, cwd) => count(join(cwd, 'queue/completed')) === 1,
    }),
    end: 0,
  },
  {
    folder: 'fork-supervisor',
    scene: () => ({
      edits: [],
      done: (_output, cwd) => count(join(cwd, 'jobs/workers')) === 4,
    }),
    end: 0,
  },
  {
    folder: 'psi-monitor',
    scene: () => ({ edits: [], done: (output) => /^\w+ \w+ .+$/m.test(output) }),
    // It calls `start()`, not `run()`, which would hear of the stop request.
    end: 'SIGTERM',
  },
]
