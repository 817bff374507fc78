import { randomBytes } from 'node:crypto'
import { type CallOptions, RecyclerError, type SupervisorRequest } from '@worker-recycler/core'
import { type Call, type FromWorker, readFromSupervisor, seal } from '../protocol.ts'
import type { Channel } from './channel.ts'

/** Calls to the supervisor and requests of it, over a channel that several lines may share. */
export interface Line {
  /** Asks; resolves with the reply's value. Rejects with `NO_SUPERVISOR` when nobody will answer. */
  call(call: Call, options: CallOptions): Promise<unknown>
  /** Tells; nobody answers, and a loss does not matter. */
  post(message: FromWorker): void
  /** Stops listening, which lets the process end. Idempotent. */
  close(): void
}

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Opens a line in the name of an adapter. */
export function openLine(
  name: string,
  channel: Channel,
  listeners: {
    readonly onRequest?: (request: SupervisorRequest) => void
    readonly onDisconnect?: () => void
  } = {},
): Line {
  const prefix = randomBytes(4).toString('hex')
  const pending = new Map<string, Pending>()
  let calls = 0
  let closed = false

  const gone = (why: string, cause?: unknown) =>
    new RecyclerError(
      'NO_SUPERVISOR',
      `[${name}] ${why}: nobody answers any more; finish what is running and exit`,
      cause === undefined ? undefined : { cause },
    )

  const rejectAll = (why: string) => {
    for (const { reject } of pending.values()) reject(gone(why))
    pending.clear()
  }

  const undo = [
    channel.onMessage((raw) => {
      const message = readFromSupervisor(raw)
      if (message?.type === 'request') listeners.onRequest?.(message.request)
      if (message?.type !== 'reply') return
      const call = pending.get(message.id)
      if (!call) return
      pending.delete(message.id)
      if (message.ok) call.resolve(message.value)
      else {
        call.reject(
          new RecyclerError(
            'ADAPTER_FAILED',
            `[${name}] The supervisor answers: ${message.message}`,
          ),
        )
      }
    }),
    channel.onDisconnect(() => {
      rejectAll('The supervisor is gone')
      listeners.onDisconnect?.()
    }),
  ]

  return {
    call: async (call, { signal }) => {
      signal.throwIfAborted()
      if (closed) throw gone('It was stopped')
      if (!channel.connected) throw gone('The supervisor is gone')
      calls += 1
      const id = `${prefix}-${calls}`
      const reply = new Promise<unknown>((resolve, reject) => {
        pending.set(id, { resolve, reject })
      })
      const aborted = () => pending.get(id)?.reject(signal.reason)
      signal.addEventListener('abort', aborted, { once: true })
      channel
        .send(seal({ type: 'call', id, call }))
        .catch((error: unknown) => pending.get(id)?.reject(gone('The channel is closed', error)))
      try {
        return await reply
      } finally {
        pending.delete(id)
        signal.removeEventListener('abort', aborted)
      }
    },
    post: (message) => {
      if (!closed && channel.connected) channel.send(seal(message)).catch(() => {})
    },
    close: () => {
      closed = true
      for (const off of undo) off()
      rejectAll('It was stopped')
    },
  }
}
