import type { Reading, WatchOptions } from '@worker-recycler/core'
import type { Target } from '../cgroup/locate.ts'
import { errnoOf, isGone, reasonOf } from '../kernel/errno.ts'
import type { PsiMonitor } from '../psi-monitor.ts'
import type { SourceName, SourceReport } from '../sources/source.ts'
import { Failure } from './failure.ts'
import type { NamedTarget } from './named-target.ts'
import { mistakeFor } from './open-monitor.ts'

/**
 * What became of the sources that tell of a target: neither this process, nor what systemd set for it,
 * does, unless it looks at its own cgroup. Throws a `Failure`, or a `Mistake`, where it is not there.
 */
export function sourcesOf(monitor: PsiMonitor, named: NamedTarget): readonly SourceReport[] {
  try {
    return monitor.sources().filter(({ source }) => isAbout(named.target, source))
  } catch (error) {
    throw explained(error, named)
  }
}

/** The readings of a target. Throws the same, also when it is gone. */
export async function* readingsOf(
  monitor: PsiMonitor,
  named: NamedTarget,
  watch: WatchOptions,
): AsyncGenerator<Reading, void, undefined> {
  try {
    yield* monitor.watch(watch)
  } catch (error) {
    throw explained(error, named, monitor.sources)
  }
}

function isAbout(target: Target, source: SourceName): boolean {
  if (source === 'process' || source === 'heap') return false
  return source !== 'systemd-watch' || target === 'self'
}

function explained(
  error: unknown,
  { target, title }: NamedTarget,
  sources: PsiMonitor['sources'] = () => [],
): unknown {
  if (error instanceof TypeError) return mistakeFor(error, target)
  if (isGone(error)) return new Failure(`There is no ${title}`)
  if (errnoOf(error) !== undefined) return new Failure(`${title}: ${reasonOf(error)}`)
  const usage = sources().find(({ source }) => source === 'usage')
  if (!usage || usage.state === 'live') return error
  const why = usage.sentence.replace(/^It ended: /, '').replace(/\.$/, '')
  if (usage.state === 'refused') return new Failure(`Nothing can be measured of ${title}: ${why}`)
  // How the kernel says that nobody is there any more tells nothing else.
  return new Failure(/^(ENODEV|ENOENT|ESRCH):/.test(why) ? `${title} is gone` : `${title}: ${why}`)
}
