import type { SystemdPlan } from '../../src/host/plan.ts'

const HEADER = /^# Managed by worker-recycler: .* sha256=[0-9a-f]{32}\n/

/** What a plan writes, by the last two parts of the path: each line without the first, which has the hash. */
export function planTexts({ files }: SystemdPlan): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    files.flatMap(({ path, after }) => {
      if (after === undefined) return []
      const key = path.replace('/etc/systemd/system/', '')
      if (!HEADER.test(after)) return [[key, after.split('\n')]]
      return [[key, after.replace(HEADER, '').trimEnd().split('\n')]]
    }),
  )
}

/** Of the first line of a drop-in whose lines are wanted. */
export function settingsOf(plan: SystemdPlan, concern: string): readonly string[] {
  const all = Object.entries(planTexts(plan)).filter(([path]) => path.endsWith(`-${concern}.conf`))
  return all.flatMap(([, lines]) => lines)
}
