import { cpus, loadavg, release, totalmem, type } from 'node:os'

/** The machine that figures were measured on. */
export interface Environment {
  readonly node: string
  readonly system: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  /** One-minute load when the run began: other work on the machine. */
  readonly load: number
}

/** Describes this machine. */
export function environment(): Environment {
  const processors = cpus()
  return {
    node: process.version,
    system: `${type()} ${release()} ${process.arch}`,
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  }
}
