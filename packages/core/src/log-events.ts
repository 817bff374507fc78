import type { Events, RecyclerEvents } from './events.ts'
import type { Logger } from './logger.ts'

type Line<Name extends keyof RecyclerEvents> = readonly [
  level: keyof Logger,
  message: string,
  fields: (event: RecyclerEvents[Name][0]) => object,
]

/** A line whose event is not known when it is looked up. */
type AnyLine = readonly [level: keyof Logger, message: string, fields: (event: never) => object]

const all = (event: object) => event
const error = ({ error: err, ...rest }: { readonly error: unknown }) => ({ ...rest, err })

/** What is logged, and how. Readings are too many to log; listen to them instead. */
const LINES: { readonly [Name in keyof RecyclerEvents]?: Line<Name> } = {
  'phase:changed': ['debug', 'Phase changed', all],
  'worker:started': ['info', 'Worker started', all],
  'worker:failed': ['error', 'Worker failed', error],
  'jobs:recovered': [
    'warn',
    'Jobs of dead workers were put back',
    ({ recovered }) => ({ count: recovered.length, recovered: recovered.slice(0, 20) }),
  ],
  'verdict:reached': ['info', 'Verdict changed', all],
  'recycle:requested': ['warn', 'Recycle requested', all],
  'recycle:held': ['info', 'Recycle must wait', all],
  'recycle:observed': ['warn', 'Would recycle now, but only observes', all],
  'limit:found-too-low': [
    'error',
    'Recycling does not help: raise the limit or shrink the worker',
    all,
  ],
  'stop:requested': ['info', 'Stop requested', all],
  'leaving:started': ['info', 'Leaving: fetching stops', all],
  'profile:attempted': ['info', 'Heap profile', ({ report }) => ({ ...report })],
  'job:handed-back': [
    'info',
    'Job handed back',
    ({ lease }) => ({ id: lease.id, name: lease.name }),
  ],
  'worker:stopped': ['info', 'Worker stopped', all],
  'monitor:failed': ['warn', 'Monitor failed', error],
  'adapter:failed': ['error', 'Adapter failed', error],
  'hook:failed': ['error', 'Hook failed', error],
}

/** Writes one line for each event that an operator should find in the log. */
export function logEvents(events: Events, identity: string, logger: Logger): void {
  for (const [name, line] of Object.entries(LINES) as [keyof RecyclerEvents, AnyLine][]) {
    const [level, message, fields] = line
    events.on(name, (event) =>
      logger[level]({ identity, event: name, ...fields(event as never) }, message),
    )
  }
}
