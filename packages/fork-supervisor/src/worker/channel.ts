import { listenToProcess } from '../process/listen.ts'

/** The worker's end of the channel to its supervisor: Node's IPC channel, or a test's. */
export interface Channel {
  /** False once the supervisor is gone. */
  readonly connected: boolean
  /** Resolves when the message is on its way; rejects when the channel is closed. */
  send(message: object): Promise<void>
  /** Calls back at every message until undone. */
  onMessage(listener: (message: unknown) => void): () => void
  /** Calls back when the supervisor is gone, until undone. */
  onDisconnect(listener: () => void): () => void
}

/** The channel over which `child_process.fork` started this process. It holds the process only while somebody listens. */
export function processChannel(): Channel {
  return {
    get connected() {
      return process.connected
    },
    send: (message) =>
      new Promise((resolve, reject) => {
        if (!process.send || !process.connected) {
          reject(new Error('The channel is closed'))
          return
        }
        process.send(message, undefined, undefined, (error) => {
          if (error) reject(error)
          else resolve()
        })
      }),
    onMessage: (listener) => listenToProcess('message', listener),
    onDisconnect: (listener) => listenToProcess('disconnect', listener),
  }
}
