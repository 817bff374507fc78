import { type FSWatcher, watch } from 'node:fs'

/** A watch on the directories of one queue. */
export interface QueueWatch {
  close(): void
}

/**
 * Hears of changes from the file system. `onBroken` is called once, when the watch cannot be made
 * or ends (no more inotify watches, no support, the directory was removed).
 */
export function watchQueue(
  folders: readonly string[],
  onChange: (folder: string) => void,
  onBroken: (error: unknown) => void,
): QueueWatch {
  const watchers: FSWatcher[] = []
  let closed = false
  const close = () => {
    closed = true
    for (const watcher of watchers) watcher.close()
  }
  const broken = (error: unknown) => {
    if (closed) return
    close()
    onBroken(error)
  }
  try {
    for (const folder of folders) {
      const watcher = watch(folder, () => onChange(folder))
      watcher.on('error', broken)
      watchers.push(watcher)
    }
  } catch (error) {
    broken(error)
  }
  return { close }
}
