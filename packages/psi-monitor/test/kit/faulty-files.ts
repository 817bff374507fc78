import type { FileKind, FileListener, KernelFiles } from '../../src/kernel/kernel-files.ts'
import { errnoError } from './refusing-files.ts'

/** The calls that can be made to fail. */
export type KernelCall = 'open' | 'read' | 'readText' | 'kindOf' | 'watch' | 'arm' | 'listen'

/** A trigger that was written. */
interface ArmedTrigger {
  readonly path: string
  readonly text: string
  readonly isReleased: () => boolean
}

/** Files of which any call on any path can be made to fail, and whose events are fired by hand. */
export interface FaultyFiles extends KernelFiles {
  /** From now on the call fails with this errno on the path, or on all paths that match. */
  readonly fail: (call: KernelCall, path: string | RegExp, code: string) => void
  /** No call fails any more. */
  readonly heal: () => void
  readonly setKind: (path: string, kind: FileKind) => void
  /** A file-modified event, or something that arrives through a FIFO or a socket. */
  readonly modify: (path: string) => void
  /** Watches of the path end by themselves. */
  readonly end: (path: string, error: Error) => void
  /** Every call so far, such as `read /a`. */
  readonly calls: readonly string[]
  /** Every trigger so far. */
  readonly armed: readonly ArmedTrigger[]
  /** What was opened, watched, armed or connected, and not closed: `open /a`. */
  readonly held: () => readonly string[]
}

/** Wraps files. Watches, triggers and streams are taken note of and never reach the files. */
export function faultyFiles(files: KernelFiles): FaultyFiles {
  const faults: { call: KernelCall; path: string | RegExp; code: string }[] = []
  const kinds = new Map<string, FileKind>()
  const calls: string[] = []
  const armed: ArmedTrigger[] = []
  const held: string[] = []
  const listeners = new Set<{ path: string; listener: FileListener }>()

  const enter = (call: KernelCall, path: string) => {
    calls.push(`${call} ${path}`)
    const fault = faults.findLast(
      (each) =>
        each.call === call &&
        (typeof each.path === 'string' ? each.path === path : each.path.test(path)),
    )
    if (fault) throw errnoError(fault.code)
  }
  const hold = (what: string, release: () => void) => {
    let isHeld = true
    held.push(what)
    return () => {
      if (!isHeld) throw new Error(`Closed twice: ${what}`)
      isHeld = false
      held.splice(held.indexOf(what), 1)
      release()
    }
  }
  const hear = (what: string, path: string, listener: FileListener) => {
    const hearing = { path, listener }
    listeners.add(hearing)
    return hold(what, () => listeners.delete(hearing))
  }
  const at = (path: string) => [...listeners].filter((each) => each.path === path)

  return {
    calls,
    armed,
    held: () => held,
    fail: (call, path, code) => void faults.push({ call, path, code }),
    heal: () => void faults.splice(0),
    setKind: (path, kind) => void kinds.set(path, kind),
    modify: (path) => {
      for (const { listener } of at(path)) listener.modified()
    },
    end: (path, error) => {
      for (const { listener } of at(path)) listener.ended(error)
    },
    open: (path) => {
      enter('open', path)
      const file = files.open(path)
      const close = hold(`open ${path}`, file.close)
      return {
        read: () => {
          enter('read', path)
          return file.read()
        },
        close,
      }
    },
    readText: (path) => {
      enter('readText', path)
      return files.readText(path)
    },
    kindOf: (path) => {
      enter('kindOf', path)
      return kinds.get(path) ?? files.kindOf(path)
    },
    watch: (path, listener) => {
      enter('watch', path)
      return hear(`watch ${path}`, path, listener)
    },
    arm: (path, trigger) => {
      enter('arm', path)
      let isReleased = false
      armed.push({
        path,
        text: Buffer.from(trigger).toString('latin1'),
        isReleased: () => isReleased,
      })
      return hold(`arm ${path}`, () => {
        isReleased = true
      })
    },
    listen: (path, _kind, _bytes, listener) => {
      enter('listen', path)
      return hear(`listen ${path}`, path, listener)
    },
  }
}
