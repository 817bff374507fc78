import { readdirSync, readFileSync } from 'node:fs'

/** The guard processes that a parent has. */
export function guardsOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0)) return false
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8')
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return status.includes(`\nPPid:\t${parent}\n`) && command.includes('worker-recycler-guard')
      } catch {
        return false
      }
    })
}
