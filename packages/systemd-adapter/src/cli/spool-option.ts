import { posix } from 'node:path'
import { SPOOL } from '../death/spool.ts'
import type { OptionValues } from './options.ts'

/** Where death records are. */
export function spoolOf({ spool }: OptionValues): string {
  return spool === undefined ? SPOOL : posix.resolve(spool)
}
