import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ledger } from '@worker-recycler/core'

const SUFFIX = '.ledger.json'

/** Keeps what a leaving worker says about its memory. */
export function keepLedger(dir: string, ledger: Ledger): void {
  writeFileSync(join(dir, ledger.identity.replaceAll(':', '~') + SUFFIX), JSON.stringify(ledger))
}

/** The kind of job that memory grew most with, over all ledgers. */
export function leakiestJob(dir: string): string | undefined {
  const bytesByName = new Map<string, number>()
  for (const file of readdirSync(dir)) {
    if (!file.endsWith(SUFFIX)) continue
    const { growthByJob } = JSON.parse(readFileSync(join(dir, file), 'utf8')) as Ledger
    for (const { name, totalBytes } of growthByJob) {
      bytesByName.set(name, (bytesByName.get(name) ?? 0) + totalBytes)
    }
  }
  return [...bytesByName].toSorted(([, a], [, b]) => b - a)[0]?.[0]
}
