import type { KernelFiles } from '../../src/kernel/kernel-files.ts'

/** Files of which some calls fail, and that know what was never closed. */
export interface RefusingFiles extends KernelFiles {
  /** What is open now: `open /a`, `watch /a`. */
  readonly held: () => readonly string[]
}

/** An error as the system gives it. */
export function errnoError(code: string): Error {
  return Object.assign(new Error(`${code}: in a test`), { code })
}

/** Wraps files so that some calls fail: by `open /a`, `read /a` or `watch /a`, the code. */
export function refusingFiles(
  files: KernelFiles,
  refusals: Readonly<Record<string, string>> = {},
): RefusingFiles {
  const held: string[] = []
  const check = (call: string) => {
    const code = refusals[call]
    if (code !== undefined) throw errnoError(code)
  }
  const hold = (call: string, close: () => void) => {
    held.push(call)
    return () => {
      held.splice(held.indexOf(call), 1)
      close()
    }
  }
  return {
    ...files,
    held: () => held,
    open: (path) => {
      check(`open ${path}`)
      const file = files.open(path)
      return {
        read: () => {
          check(`read ${path}`)
          return file.read()
        },
        close: hold(`open ${path}`, file.close),
      }
    },
    watch: (path, listener) => {
      check(`watch ${path}`)
      return hold(`watch ${path}`, files.watch(path, listener))
    },
  }
}
