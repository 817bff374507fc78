import type { Choices } from './choices.ts'

/** The folders of templates/ that make up a project: they lie over each other, the last on top. */
export function layersOf({ queue, host }: Choices): readonly string[] {
  return ['all', `queue-${queue}`, ...hostLayers({ queue, host })]
}

function hostLayers({ queue, host }: Pick<Choices, 'queue' | 'host'>): readonly string[] {
  switch (host) {
    case 'none':
      return []
    case 'container':
      return ['container', queue === 'files' ? 'container-files' : 'container-redis']
    case 'systemd':
      // redis-fetch brings a command for the hook; the others need a program of a few lines.
      return queue === 'redis' ? ['systemd'] : ['systemd', 'systemd-hook']
  }
}
