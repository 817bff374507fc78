import { openSync, closeSync, readSync, watch, writeFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'

/** One line that a job, or the source at its end, appended. */
export interface Noted {
  readonly what: string
  readonly id: string
  readonly by: string
}

/** What the jobs themselves wrote, in the order of the appends. */
export interface JobLog {
  readonly path: string
  /** The lines so far; those of one kind when that is named. */
  lines(what?: string): readonly Noted[]
  /** The ids of the lines of one kind, each once. */
  ids(what: string): ReadonlySet<string>
  /** Resolves when the condition holds; looked at now, and after every append. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>
}

/** Makes an empty log, and watches it until the test ends. */
export function jobLog(path: string): JobLog {
  writeFileSync(path, '')
  const file = openSync(path, 'r')
  const noted: Noted[] = []
  const waiting = new Set<() => void>()
  const chunk = Buffer.alloc(1 << 16)
  let rest = ''

  const read = (): void => {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      const parts = (rest + chunk.toString('utf8', 0, size)).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) {
        const [what = '', id = '', by = ''] = line.split(' ')
        noted.push({ what, id, by })
      }
    }
  }
  const watcher = watch(path, () => {
    for (const look of waiting) look()
  })
  onTestFinished(() => {
    watcher.close()
    waiting.clear()
    closeSync(file)
  })

  const lines: JobLog['lines'] = (what) => {
    read()
    return what === undefined ? noted : noted.filter((each) => each.what === what)
  }
  return {
    path,
    lines,
    ids: (what) => new Set(lines(what).map(({ id }) => id)),
    until: (condition) =>
      new Promise((resolve, reject) => {
        let isLooking = false
        let again = false
        const look = async (): Promise<void> => {
          again = true
          if (isLooking) return
          isLooking = true
          while (again) {
            again = false
            if (!(await condition())) continue
            waiting.delete(onChange)
            return resolve()
          }
          isLooking = false
        }
        const onChange = () => void look().catch(reject)
        waiting.add(onChange)
        onChange()
      }),
  }
}
