import type { Facts } from '../../guest/facts.ts'
import { unified } from './unified.ts'

const SHOWS_IT = 'debian-12'

/** For checks of the kernel alone, which is the same on every machine: one shows it. */
export function ofTheKernel(facts: Facts): true | string {
  const isUnified = unified(facts)
  if (isUnified !== true) return isUnified
  return facts.machine.name === SHOWS_IT || `the kernel is that of ${SHOWS_IT}, which shows it`
}
