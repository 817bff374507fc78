import type { ChildProcess } from 'node:child_process'
import type { SupervisorRequest } from '@worker-recycler/core'
import type { DatedReport } from '../memory/read-memory.ts'
import { killWorker } from '../process/kill.ts'
import { type FromSupervisor, readFromWorker, seal } from '../protocol.ts'
import type { ResolvedOptions } from '../resolve-options.ts'
import { answerCall, type CallHandlers } from './answer-call.ts'

/** The supervisor's end of the channel to one worker. */
export interface WorkerLine {
  /**
   * Passes a request on: over the channel when somebody listens there, else as SIGTERM, which every
   * program understands.
   */
  ask(request: SupervisorRequest): 'ipc' | 'SIGTERM'
  /** Somebody has said hello: requests go over the channel. */
  readonly speaks: boolean
  /** The worker's newest report about its own memory. */
  readonly report: DatedReport | undefined
  /** Messages that were ignored. */
  readonly ignored: number
}

/** Listens to a worker. */
export function openWorkerLine(
  child: ChildProcess,
  pid: number,
  parts: {
    readonly options: ResolvedOptions
    readonly handlers: CallHandlers
    readonly onHello: () => void
    readonly onHeard: (kind: SupervisorRequest['kind']) => void
    readonly onDeclined: () => void
    readonly onIgnored: (count: number) => void
  },
): WorkerLine {
  const { options, handlers, onHello, onHeard, onDeclined, onIgnored } = parts
  const { clock, logger } = options
  let speaks = false
  let ignored = 0
  let report: DatedReport | undefined

  const send = (message: FromSupervisor) => {
    if (!child.connected) return
    child.send(seal(message), (error) => {
      if (error) logger.debug({ pid, error }, 'A message to a worker was lost')
    })
  }

  const ignore = () => {
    ignored += 1
    onIgnored(ignored)
  }

  const answer = async (id: string, call: Parameters<typeof answerCall>[0]) => {
    try {
      send({ type: 'reply', id, ok: true, value: await answerCall(call, handlers) })
    } catch (error) {
      logger.error({ pid, error }, 'A call of a worker could not be answered')
      send({ type: 'reply', id, ok: false, message: String(error).slice(0, 500) || 'It failed' })
    }
  }

  child.on('message', (raw) => {
    const message = readFromWorker(raw)
    switch (message?.type) {
      case undefined:
        ignore()
        break
      case 'malformed': {
        ignore()
        const text = 'The call was not well formed, or too large'
        send({ type: 'reply', id: message.id, ok: false, message: text })
        break
      }
      case 'hello':
        speaks = true
        onHello()
        break
      case 'heard':
        onHeard(message.kind)
        break
      case 'declined':
        onDeclined()
        break
      case 'memory':
        report = { ...message, atMs: clock.nowMs() }
        break
      case 'call':
        void answer(message.id, message.call)
        break
    }
  })

  return {
    ask: (request) => {
      if (speaks && child.connected) {
        send({ type: 'request', request })
        return 'ipc'
      }
      killWorker(pid, 'SIGTERM')
      return 'SIGTERM'
    },
    get speaks() {
      return speaks
    },
    get report() {
      return report
    },
    get ignored() {
      return ignored
    },
  }
}
