import { EventEmitter } from 'eventemitter3'
import type { Logger } from './logger.ts'

/** Events by name, each with one payload object: `{ 'worker:started': [event: { pid: number }] }`. */
export type EventMap<Events> = { readonly [Name in keyof Events]: [event: object] }

/** Adds or removes a listener. */
export type Listen<Events extends EventMap<Events>> = <Name extends keyof Events & string>(
  name: Name,
  listener: (...event: Events[Name]) => void,
) => void

/** An emitter whose listeners can harm neither each other nor the one who emits. */
export interface Emitter<Events extends EventMap<Events>> {
  readonly on: Listen<Events>
  readonly once: Listen<Events>
  readonly off: Listen<Events>
  /** Tells everybody. A listener that throws or rejects is logged, and costs the others nothing. */
  readonly emit: <Name extends keyof Events & string>(name: Name, event: Events[Name][0]) => void
}

type Safe = (event: unknown) => void

/** Makes an emitter for the events of one service; adapters may use it for theirs. */
export function createEmitter<Events extends EventMap<Events>>(logger: Logger): Emitter<Events> {
  // eventemitter3 lets a listener that throws stop the others, so each is wrapped when it is added.
  const emitter = new EventEmitter<string>()
  const wrapped = new WeakMap<object, Safe>()

  const safely = (listener: (...event: never) => unknown): Safe => {
    const known = wrapped.get(listener)
    if (known) return known
    const report = (error: unknown) => {
      try {
        logger.error({ err: error }, 'A listener threw')
      } catch {
        // Nobody is left to tell: a logger that throws must not stop the one who emits.
      }
    }
    const safe: Safe = (event) => {
      try {
        const result = listener(...([event] as never))
        if (result instanceof Promise) result.catch(report)
      } catch (error) {
        report(error)
      }
    }
    wrapped.set(listener, safe)
    return safe
  }

  return {
    on: (name, listener) => void emitter.on(name, safely(listener)),
    once: (name, listener) => void emitter.once(name, safely(listener)),
    off: (name, listener) => void emitter.off(name, safely(listener)),
    emit: (name, event) => void emitter.emit(name, event),
  }
}
