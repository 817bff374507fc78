import { readFileSync, readlinkSync } from 'node:fs'

/** What can be known of another process of this host. */
export type ProcessProbe =
  /** There is no such process, or it has ended and waits to be reaped. */
  | { readonly kind: 'gone' }
  /** It runs. `startTicks` is undefined where there is no /proc. */
  | { readonly kind: 'running'; readonly startTicks?: number }

/** Looks at processes; injected so that tests can do without them. */
export interface ProcessTable {
  probe(pid: number): ProcessProbe
  /** Identifies this boot of the host; undefined where there is no /proc. */
  readonly bootId?: string
  /** The inode of this process's pid namespace (pid_namespaces(7)). */
  readonly pidNamespace?: string
}

/** The processes of the system: /proc where there is one, else `kill(pid, 0)`. */
export function systemProcesses(): ProcessTable {
  const bootId = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const pidNamespace = attempt(() => readlinkSync('/proc/self/ns/pid'))
  // Without its own entry there, /proc says nothing about others (hidepid, another pid namespace).
  const hasProc = attempt(() => parseStat(readFileSync('/proc/self/stat', 'utf8'))) !== undefined
  return {
    probe: (pid) => (hasProc ? probeProc(pid) : probeSignal(pid)),
    ...(bootId === undefined ? {} : { bootId }),
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
  }
}

/**
 * State and start time (fields 3 and 22 of /proc/<pid>/stat, proc(5)). The second field is the
 * process's own name, in brackets, and may itself hold brackets and spaces: the last `)` ends it.
 */
export function parseStat(text: string): { state: string; startTicks: number } | undefined {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const startTicks = Number(fields[19])
  const state = fields[0] ?? ''
  if (!text.includes(')') || state === '' || !Number.isSafeInteger(startTicks)) return undefined
  return { state, startTicks }
}

function probeProc(pid: number): ProcessProbe {
  const text = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  // An unreadable entry is settled by the signal: with hidepid a foreign process only seems gone.
  if (text === undefined) return probeSignal(pid)
  const stat = parseStat(text)
  if (!stat) return { kind: 'running' }
  if (stat.state === 'Z' || stat.state === 'X') return { kind: 'gone' }
  return { kind: 'running', startTicks: stat.startTicks }
}

/** Signal 0 is not delivered; EPERM means that the process is there, and somebody else's. */
function probeSignal(pid: number): ProcessProbe {
  try {
    process.kill(pid, 0)
    return { kind: 'running' }
  } catch (error) {
    const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH'
    return gone ? { kind: 'gone' } : { kind: 'running' }
  }
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
