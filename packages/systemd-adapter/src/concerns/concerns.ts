import { expectOneOf, expectWhole } from '../expect.ts'
import type { StopOptions } from '../host/request.ts'
import { type ConcernInput, NOTHING, type Setting, type Wanted } from './concern.ts'
import { hookSettings } from './hook.ts'
import { limitSettings, limitsOf } from './limits.ts'
import { restartSettings } from './restart.ts'

/** The concerns by the names of their files, each with what it wants at the target's level. */
export const CONCERNS: Readonly<Record<string, (input: ConcernInput) => Wanted>> = {
  accounting: accountingSettings,
  limits: (input) => limitSettings(limitsOf(input.request), input),
  restart: (input) =>
    input.request.restart ? restartSettings(input.request.restart, input) : NOTHING,
  stop: ({ request }) => (request.stop ? stopSettings(request.stop) : NOTHING),
  pressure: pressureSettings,
  notify: notifySettings,
  hook: hookSettings,
}

const DAY_MS = 86_400_000

const service = (key: string, value: string): Setting => ({ section: 'Service', key, value })

/** Before 238 memory is accounted for only where it is asked for. */
function accountingSettings({ request, features }: ConcernInput): Wanted {
  const all = [limitsOf(request), ...Object.values(request.overrides ?? {})]
  const hasLimit = all.some((limits) => Object.keys(limits).length > 0)
  if (!hasLimit || features.accounting) return NOTHING
  return { settings: [service('MemoryAccounting', 'yes')], dropped: [] }
}

const DEFAULT_STOP_MS = 90_000

/** `mixed`: only the main process hears of the stop; with a second hearer it would be asked twice. */
function stopSettings({ timeoutMs = DEFAULT_STOP_MS, killMode = 'mixed' }: StopOptions): Wanted {
  expectWhole('stop.timeoutMs', timeoutMs, 1, DAY_MS)
  expectOneOf('stop.killMode', killMode, ['mixed', 'control-group', 'process'])
  return {
    settings: [service('KillMode', killMode), service('TimeoutStopSec', `${timeoutMs}ms`)],
    dropped: [],
  }
}

const DEFAULT_PRESSURE_MS = 150

function pressureSettings({ request, facts, features }: ConcernInput): Wanted {
  if (!request.pressure) return NOTHING
  const { thresholdMs = DEFAULT_PRESSURE_MS } = request.pressure
  expectWhole('pressure.thresholdMs', thresholdMs, 1, 2000)
  if (!features.pressureWatch) {
    const why =
      facts.hierarchy === 'unified'
        ? `systemd ${facts.version} has no MemoryPressureWatch (254)`
        : 'MemoryPressureWatch does nothing on cgroup v1'
    return { settings: [], dropped: [`${why}: the worker must watch pressure by itself`] }
  }
  return {
    settings: [
      service('MemoryPressureWatch', 'on'),
      service('MemoryPressureThresholdSec', `${thresholdMs}ms`),
    ],
    dropped: [],
  }
}

/** A descriptor that is connected to the manager: the worker writes to it and spawns nothing. */
function notifySettings({ request, facts, features }: ConcernInput): Wanted {
  if (!request.notify) return NOTHING
  if (!features.openFile) {
    const why = `systemd ${facts.version} has no OpenFile (253): the worker must find another way to notify`
    return { settings: [], dropped: [why] }
  }
  return {
    settings: [
      service('NotifyAccess', 'main'),
      service('OpenFile', `${facts.notifySocket}:recycler-notify:graceful`),
    ],
    dropped: [],
  }
}
