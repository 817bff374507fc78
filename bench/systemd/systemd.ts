import { fileURLToPath } from 'node:url'
import { bootWithPrograms } from '../../packages/systemd-adapter/test/container/kit/booted-container.ts'
import { debianImage } from '../../packages/systemd-adapter/test/container/kit/image.ts'
import { withoutContainer } from '../../packages/systemd-adapter/test/container/kit/requirements.ts'
import type { Benchmark, Findings } from '../harness/benchmark.ts'
import { fleet } from './fleet.ts'
import { hookCost } from './hook-cost.ts'
import { kills } from './kills.ts'
import { notify } from './notify.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

const PROGRAMS = {
  'fleet-host': path('fixtures/fleet-host.ts'),
  'hook-runner': path('fixtures/hook-runner.ts'),
  'notifying-service': path('fixtures/notifying-service.ts'),
  'host-agent': path('../../packages/systemd-adapter/test/fixtures/host-agent.ts'),
}

/** What systemd-adapter costs beside a real systemd: messages, status, plans, reloads, and its hook. */
export const systemd: Benchmark = {
  about:
    'messages, status, plan, reloads and hook under a real systemd; needs root and a container',
  run: async (progress) => {
    const reason = withoutContainer()
    if (reason !== undefined) return unmeasured(reason)
    progress('booting a container; its image is made once, which takes a minute')
    const image = await debianImage()
    if ('reason' in image) return unmeasured(image.reason)
    const booted = await bootWithPrograms(image.path, PROGRAMS, ['memory'])
    try {
      // The fleet's apply puts the hook there.
      const parts = [
        await notify(booted, progress),
        await fleet(booted, progress),
        await hookCost(booted, progress),
        await kills(booted, progress),
      ]
      const version = await booted.container.run('systemctl', 'show', '--property=Version')
      return {
        figures: parts.flatMap(({ figures }) => figures),
        notes: [
          ...parts.flatMap(({ notes }) => notes ?? []),
          `systemd ${version.trim().replace('Version=', '')} in a container on this kernel; other work on the machine is in all of it.`,
        ],
      }
    } finally {
      await booted.remove()
    }
  },
}

function unmeasured(reason: string): Findings {
  return { figures: [], notes: [`Nothing could be measured: ${reason}.`] }
}
