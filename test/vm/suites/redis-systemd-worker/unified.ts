import type { Facts } from '../../guest/facts.ts'

/** The example is for cgroup v2: with v1 there is no MemoryHigh, and systemd does not notice an OOM kill. */
export const unified = ({ cgroup }: Facts): true | string =>
  cgroup === 2 || 'cgroup v1 has no MemoryHigh, and systemd notices no OOM kill there'
