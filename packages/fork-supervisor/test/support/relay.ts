import type { ChildProcess } from 'node:child_process'
import type { Channel } from '../../src/index.ts'

/** The worker's end of the channel of a relaying process: real at both ends, but in the test's hand. */
export function relayedChannel(child: () => ChildProcess | undefined): Channel {
  return {
    get connected() {
      return child()?.connected ?? false
    },
    send: (relay) =>
      new Promise((resolve, reject) => {
        const relaying = child()
        if (!relaying) reject(new Error('There is no process'))
        else relaying.send({ relay }, (error) => (error ? reject(error) : resolve()))
      }),
    onMessage: (listener) => {
      const hear = (message: { relayed?: unknown }) => {
        if (message.relayed !== undefined) listener(message.relayed)
      }
      child()?.on('message', hear)
      return () => void child()?.off('message', hear)
    },
    onDisconnect: (listener) => {
      child()?.on('disconnect', listener)
      return () => void child()?.off('disconnect', listener)
    },
  }
}
