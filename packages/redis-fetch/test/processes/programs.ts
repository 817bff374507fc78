import { fileURLToPath } from 'node:url'
import { bundledPrograms } from '../../../../test/bundle.ts'

const source = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Bundles the fixtures, with the program of the heartbeat's thread beside them; gives the path of each. */
export function fixturePrograms(): (name: 'worker' | 'recoverer') => string {
  return bundledPrograms({
    worker: source('test/fixtures/worker.ts'),
    recoverer: source('test/fixtures/recoverer.ts'),
    'beat-thread': source('src/liveness/beat-thread.ts'),
  })
}
