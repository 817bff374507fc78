import type { OptionName, OptionValues } from './options.ts'
import { NAME } from './process-output.ts'

const PASSED_ON = [
  'user',
  'runtime',
  'root',
  'systemd-version',
  'cgroup',
  'receipt',
] as const satisfies readonly OptionName[]

/** The command that takes back what was applied with these options. */
export function revertLine(unit: string, values: OptionValues): string {
  const options = PASSED_ON.flatMap((name) => {
    const value = values[name]
    if (value === undefined) return []
    return value === true ? [`--${name}`] : [`--${name}`, quoted(String(value))]
  })
  return [NAME, 'revert', quoted(unit), ...options, '--yes'].join(' ')
}

/** For a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
