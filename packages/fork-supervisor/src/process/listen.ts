/** Listens to an event of this process until undone: the only place that does. */
export function listenToProcess(
  name: NodeJS.Signals | 'message' | 'disconnect',
  listener: (value: unknown) => void,
): () => void {
  const emitter: NodeJS.EventEmitter = process
  emitter.on(name, listener)
  return () => void emitter.off(name, listener)
}
