import type { ForkSupervisor } from '@worker-recycler/fork-supervisor'

/** What a person should see of one worker. */
export interface WorkerView {
  readonly slot: number
  pid: number
  identity: string
  state: 'starting' | 'working' | 'leaving' | 'gone'
  /** The newest readings of its memory, oldest first; a mark where a process ended. */
  history: (number | 'recycle' | 'kill')[]
}

/** The workers as the supervisor tells of them. */
export interface Fleet {
  readonly workers: readonly WorkerView[]
  /** What happened lately, in words, newest last. */
  readonly news: readonly string[]
}

const MAX_HISTORY = 40
const MEBIBYTE = 1_048_576

/** Follows a supervisor; `onNews` hears each piece of news at once. */
export function followFleet(
  supervisor: ForkSupervisor,
  size: number,
  onNews: (line: string) => void,
): Fleet {
  const news: string[] = []
  const workers: WorkerView[] = Array.from({ length: size }, (_, slot) => ({
    slot,
    pid: 0,
    identity: '',
    state: 'gone',
    history: [],
  }))
  const tell = (slot: number, text: string) => {
    const line = `worker ${slot}: ${text}`
    news.push(line)
    onNews(line)
  }
  const remember = (view: WorkerView, entry: WorkerView['history'][number]) => {
    view.history = [...view.history, entry].slice(-MAX_HISTORY)
  }
  const change = (slot: number, edit: (view: WorkerView) => void) => {
    const view = workers[slot]
    if (view) edit(view)
  }

  supervisor.on('worker:started', ({ slot, pid, identity }) =>
    change(slot, (view) => Object.assign(view, { pid, identity, state: 'starting' })),
  )
  supervisor.on('worker:ready', ({ slot, pid, afterMs }) => {
    change(slot, (view) => Object.assign(view, { state: 'working' }))
    tell(slot, `ready after ${Math.round(afterMs)} ms (pid ${pid})`)
  })
  supervisor.on('worker:measured', ({ slot, usedBytes }) =>
    change(slot, (view) => remember(view, usedBytes)),
  )
  supervisor.on('worker:stopping', ({ slot, leaving, reasons }) => {
    change(slot, (view) => Object.assign(view, { state: 'leaving' }))
    tell(slot, `leaving to ${leaving}: ${reasons.map(({ message }) => message).join('; ')}`)
  })
  supervisor.on('worker:died', ({ slot, cause, exitSignal, exitCode, peakBytes }) => {
    change(slot, (view) => {
      view.state = 'gone'
      remember(view, exitSignal === 'SIGKILL' ? 'kill' : 'recycle')
    })
    const how = exitSignal ?? `exit code ${exitCode}`
    tell(slot, `gone: ${cause} (${how}, at most ${Math.round(peakBytes / MEBIBYTE)} MiB)`)
  })
  return { workers, news }
}
