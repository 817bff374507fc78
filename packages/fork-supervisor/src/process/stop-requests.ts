import { listenToProcess } from './listen.ts'

/** Hears the operator's stop requests (SIGINT, SIGTERM, SIGHUP) until undone; `count` is 1 for the first. */
export function onStopRequests(listener: (count: number) => void): () => void {
  let count = 0
  const heard = () => {
    count += 1
    listener(count)
  }
  const undo = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) =>
    listenToProcess(name, heard),
  )
  return () => {
    for (const off of undo) off()
  }
}
