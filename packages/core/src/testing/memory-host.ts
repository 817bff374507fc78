import type { Drift, EnforcerHost, LimitPlan } from '../contracts/enforcer-host.ts'

/** A host's files by path; the fake host keeps its limits in them. */
export type MemoryFiles = Map<string, string>

/** What the fake host's plan depends on. */
export interface MemoryHostFacts {
  /** What stands in the target's file now. */
  readonly before?: string
}

/** How a memory host differs from the usual one. */
export interface MemoryHostOptions {
  /** Defaults to no files. */
  readonly files?: MemoryFiles
  /** Runs the commands of a plan; may throw. Defaults to nothing. */
  readonly run?: (command: readonly string[]) => void
}

/** The host's side of a fake enforcer: one file a target. */
export function memoryHost(options: MemoryHostOptions = {}): EnforcerHost<MemoryHostFacts> {
  const { files = new Map<string, string>(), run = () => {} } = options
  const write = (path: string, content: string | undefined) => {
    if (content === undefined) files.delete(path)
    else files.set(path, content)
  }
  const drifts = (plan: LimitPlan): Drift[] =>
    plan.files.flatMap(({ path, after = '' }) => {
      const actual = files.get(path) ?? ''
      if (actual === after) return []
      return [{ target: plan.request.target, key: path, wanted: after, actual }]
    })

  return {
    facts: async ({ target }, { signal }) => {
      signal.throwIfAborted()
      const before = files.get(pathOf(target))
      return before === undefined ? {} : { before }
    },
    plan: (request, { before }) => {
      const after = `soft=${request.softBytes ?? ''}\nhard=${request.hardBytes ?? ''}\n`
      const path = pathOf(request.target)
      const change = before === undefined ? { path, after } : { path, before, after }
      return { request, files: [change], commands: [['reload', request.target]], findings: [] }
    },
    apply: async (plan, { signal }) => {
      signal.throwIfAborted()
      const error = plan.findings.find(({ level }) => level === 'error')
      if (error) throw new Error(`[memory] Cannot apply the plan: ${error.message}`)
      const before = plan.files.map(({ path }) => [path, files.get(path)] as const)
      for (const { path, after } of plan.files) write(path, after)
      try {
        for (const command of plan.commands) run(command)
      } catch (cause) {
        for (const [path, content] of before) write(path, content)
        throw new Error('[memory] Cannot apply the plan: a command failed', { cause })
      }
      return { plan, appliedAtEpochMs: 0 }
    },
    verify: async ({ plan }, { signal }) => {
      signal.throwIfAborted()
      return drifts(plan)
    },
    revert: async ({ plan }, { signal }) => {
      signal.throwIfAborted()
      const changed = new Set(drifts(plan).map(({ key }) => key))
      for (const { path, before } of plan.files) if (!changed.has(path)) write(path, before)
    },
    status: async ({ signal }) => {
      signal.throwIfAborted()
      return Array.from(files, ([path, content]) => ({
        target: path.slice('/limits/'.length),
        running: false,
        ...bytesOf('softBytes', /^soft=([0-9]+)$/m.exec(content)),
        ...bytesOf('hardBytes', /^hard=([0-9]+)$/m.exec(content)),
      }))
    },
  }
}

function pathOf(target: string): string {
  return `/limits/${target}`
}

function bytesOf(
  key: 'softBytes' | 'hardBytes',
  match: RegExpExecArray | null,
): { softBytes?: number; hardBytes?: number } {
  return match ? { [key]: Number(match[1]) } : {}
}
