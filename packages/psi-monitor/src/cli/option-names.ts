/** What the command line calls options of the monitor. */
const NAMES: Readonly<Record<string, string>> = {
  workingSet: '--working-set',
  memoryMax: '--memory-max',
  memoryHigh: '--memory-high',
}

/** The option that a sentence of the monitor is about, as the command line calls it. */
export function optionIn(sentence: string): string | undefined {
  return NAMES[/`(\w+)`/.exec(sentence)?.[1] ?? '']
}
