/**
 * The number after a key in a file of `key value` lines, such as `memory.stat` and `memory.events`;
 * undefined when the key is not there. The kernel promises keys, not places (cgroup-v2.rst).
 */
export function counterIn(text: string, key: string): number | undefined {
  const start = text.startsWith(`${key} `) ? 0 : text.indexOf(`\n${key} `) + 1
  if (start === 0 && !text.startsWith(`${key} `)) return undefined
  const from = start + key.length + 1
  const end = text.indexOf('\n', from)
  const value = Number(text.slice(from, end === -1 ? undefined : end))
  return Number.isFinite(value) ? value : undefined
}

/** The growth of a counter. One that went backwards was started anew, as with a new cgroup: 0. */
export function growthOf(before: number, now: number): number {
  return Math.max(0, now - before)
}
