import type { Located, Resolution } from './resolve.ts'

/** The value of a key that will be in force. */
export interface Effective {
  readonly section: string
  readonly key: string
  /** Undefined: nothing sets it, or an empty value took back what was set. */
  readonly winner: Located | undefined
  /** Assignments of the key that do not count, the last one last. */
  readonly shadowed: readonly Located[]
  /** Assignments that systemd passes over because of their value. */
  readonly ignored: readonly Located[]
}

/**
 * The effective value of a key that holds one value: the last assignment that systemd accepts. Those
 * that it does not are as if they were not there. An empty value that is accepted takes back what was
 * set: so it does for memory keys, but `Restart=` is ignored.
 */
export function effectiveOf(
  { assignments }: Resolution,
  section: string,
  key: string,
  accepts: (value: string) => boolean = () => true,
): Effective {
  const all = assignments.filter((each) => each.section === section && each.key === key)
  const accepted = all.filter(({ value }) => accepts(value))
  const last = accepted.at(-1)
  return {
    section,
    key,
    winner: last?.value === '' ? undefined : last,
    shadowed: last?.value === '' ? accepted : accepted.slice(0, -1),
    ignored: all.filter((each) => !accepted.includes(each)),
  }
}

/** The values of a key that holds a list: an empty value begins it anew. */
export function listOf(
  { assignments }: Resolution,
  section: string,
  key: string,
): readonly Located[] {
  const all = assignments.filter((each) => each.section === section && each.key === key)
  return all.slice(all.findLastIndex(({ value }) => value === '') + 1)
}
