/** The states of a recycler, in the order of a full life. */
export const PHASES = [
  'created',
  'starting',
  'running',
  'elevated',
  'requested',
  'held',
  'quiescing',
  'draining',
  'aborting',
  'handingBack',
  'closing',
  'exited',
  'failed',
] as const

/** A recycler's state. */
export type Phase = (typeof PHASES)[number]

/** Every legal transition. All others are refused by the reducer. */
export const TRANSITIONS: Readonly<Record<Phase, readonly Phase[]>> = {
  created: ['starting', 'exited'],
  starting: ['running', 'quiescing', 'closing'],
  running: ['elevated', 'requested', 'held', 'quiescing'],
  elevated: ['running', 'requested', 'held', 'quiescing'],
  requested: ['running', 'elevated', 'held', 'quiescing'],
  held: ['running', 'elevated', 'requested', 'quiescing'],
  quiescing: ['draining', 'aborting'],
  draining: ['aborting', 'closing'],
  aborting: ['handingBack', 'closing'],
  handingBack: ['closing'],
  closing: ['exited', 'failed'],
  exited: [],
  failed: [],
}

/** Phases in which the worker takes jobs. */
export const WORKING: ReadonlySet<Phase> = new Set(['running', 'elevated', 'requested', 'held'])

/** Phases in which the worker is on its way out. */
export const LEAVING: ReadonlySet<Phase> = new Set([
  'quiescing',
  'draining',
  'aborting',
  'handingBack',
  'closing',
])

/** Phases in which nothing will happen any more. */
export const ENDED: ReadonlySet<Phase> = new Set(['exited', 'failed'])
