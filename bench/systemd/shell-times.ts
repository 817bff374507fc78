const CHILDREN = /^(\d+)m([\d.]+)s (\d+)m([\d.]+)s$/
const SECONDS_PER_MINUTE = 60

/** The CPU of all programs that a shell has started, in user and system mode, by its `times` (POSIX). */
export function childrenCpuMs(text: string): number {
  const [, minutes, seconds, systemMinutes, systemSeconds] =
    CHILDREN.exec(text.trimEnd().split('\n').at(-1) ?? '') ?? []
  const all = (Number(minutes) + Number(systemMinutes)) * SECONDS_PER_MINUTE
  return (all + Number(seconds) + Number(systemSeconds)) * 1000
}
