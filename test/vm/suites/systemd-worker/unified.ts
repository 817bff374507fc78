import type { Facts } from '../../guest/facts.ts'

/** For checks of what only the unified hierarchy has. */
export const unified = ({ cgroup }: Facts): true | string =>
  cgroup === 2 || 'cgroup v1 has no MemoryHigh'
