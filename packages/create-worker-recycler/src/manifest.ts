import type { Choices, Host, Queue } from './choices.ts'
import { nodeRange, rangeOf } from './versions.ts'

const always = ['@worker-recycler/core', '@worker-recycler/fork-supervisor']

const ofQueue: Readonly<Record<Queue, readonly string[]>> = {
  bullmq: ['@worker-recycler/bullmq-adapter', 'bullmq', 'ioredis'],
  redis: ['@worker-recycler/redis-fetch', 'ioredis'],
  files: ['@worker-recycler/file-fetch'],
}

const ofHost: Readonly<Record<Host, readonly string[]>> = {
  systemd: ['@worker-recycler/psi-monitor', '@worker-recycler/systemd-adapter'],
  container: [],
  none: [],
}

/** The text of a project's package.json. */
export function manifest({ name, queue, host }: Choices): string {
  const value = {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    scripts: {
      start: 'node src/supervisor.js',
      produce: 'node src/producer.js',
      typecheck: 'tsc',
    },
    dependencies: ranges([...always, ...ofQueue[queue], ...ofHost[host]]),
    devDependencies: ranges(['@types/node', 'typescript']),
    engines: { node: nodeRange },
  }
  return `${JSON.stringify(value, null, 2)}\n`
}

function ranges(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.toSorted().map((name) => [name, rangeOf(name)]))
}
