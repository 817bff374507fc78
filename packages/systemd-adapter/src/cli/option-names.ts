import { limitOption } from './limit-options.ts'

/** What the command line calls options of the host. */
const NAMES: Readonly<Record<string, string>> = {
  order: '--order',
  oomPolicy: '--oom-policy',
  'restart.policy': '--restart-policy',
  'stop.timeoutMs': '--stop-timeout',
  'pressure.thresholdMs': '--pressure-threshold',
  'hook.path': '--hook-path',
  'hook.spool': '--spool',
  'hook.recover': '--recover-command',
  persistence: '--runtime',
}

/** The option that a sentence of the host is about, as the command line calls it. */
export function optionIn(sentence: string): string | undefined {
  const [, name = ''] = /^Expected `([\w.]+)`/.exec(sentence) ?? []
  const [, key = ''] = /^(Memory\w+)(?:=| is empty)/.exec(sentence) ?? []
  // Of all that is quoted for a command line, only this comes from outside as it is.
  if (sentence.startsWith('Expected an argument')) return '--recover-command'
  return NAMES[name] ?? limitOption(key)
}

/** A sentence of the host for somebody who writes no program: with the command line's words. */
export function inOptions(sentence: string): string {
  return sentence.replaceAll(/`([\w.]+)`/g, (quoted, name: string) => NAMES[name] ?? quoted)
}
