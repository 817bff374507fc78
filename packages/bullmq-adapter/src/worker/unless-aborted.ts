/** Waits for a promise, but rejects with the signal's reason when that aborts first. */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Whatever becomes of it after the signal is nobody's matter.
  promise.catch(() => {})
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    const listener = () => reject(signal.reason)
    signal.addEventListener('abort', listener, { once: true })
    stop = () => signal.removeEventListener('abort', listener)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    stop()
  }
}
