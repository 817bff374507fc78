import { LIMIT_KEYS, renderLimit } from '../concerns/limits.ts'
import type { SystemdRequest, UnitLimits } from '../host/request.ts'
import { instanceOf, isTemplate, parseUnitName } from '../unit-file/unit-name.ts'
import { checked, Mistake } from './mistake.ts'
import type { OptionValues } from './options.ts'

type Limit = keyof UnitLimits

/** Each limit, by the word that the command line has for it. */
const LIMITS = {
  max: 'max',
  high: 'high',
  low: 'low',
  min: 'min',
  'swap-max': 'swapMax',
} as const satisfies Readonly<Record<string, Limit>>

/** The limits that the options ask for, of the target and of single instances. */
export function limitsIn(
  target: string,
  values: OptionValues,
): Pick<SystemdRequest, 'limits' | 'overrides' | 'instances'> {
  const limits: Partial<Record<Limit, string>> = {}
  for (const [word, limit] of Object.entries(LIMITS)) {
    const text = values[word as keyof typeof LIMITS]
    if (text !== undefined) limits[limit] = sizeIn(`--${word}`, limit, text)
  }
  const overrides: Record<string, Partial<Record<Limit, string>>> = {}
  const instances: string[] = []
  for (const text of values.instance ?? []) {
    const { instance, limit, size } = instanceIn(target, text)
    if (size === undefined) instances.push(instance)
    else (overrides[instance] ??= {})[limit] = sizeIn(`--instance ${text}`, limit, size)
  }
  return {
    ...(Object.keys(limits).length > 0 && { limits }),
    ...(Object.keys(overrides).length > 0 && { overrides }),
    ...(instances.length > 0 && { instances }),
  }
}

/** Refuses what systemd would ignore, as early as it can be said which option it was. */
function sizeIn(option: string, limit: Limit, text: string): string {
  checked(option, () => renderLimit(limit, text, 0))
  return text
}

const WORDS = Object.keys(LIMITS).join('|')
const INSTANCE = new RegExp(`^(?<instance>[^=]+?)(?::(?<word>${WORDS}))?(?:=(?<size>.*))?$`)

/** `worker-1` to look at it, `worker-1=4G` for its hard limit, `worker-1:high=3G` for another. */
function instanceIn(
  target: string,
  text: string,
): { readonly instance: string; readonly limit: Limit; readonly size: string | undefined } {
  const { instance, word = 'max', size } = INSTANCE.exec(text)?.groups ?? {}
  if (instance === undefined) {
    throw new Mistake(
      `--instance takes NAME=SIZE, such as worker-1=4G or worker-1:high=3G, not ${JSON.stringify(text)}`,
    )
  }
  const template = parseUnitName(target)
  if (!isTemplate(template)) {
    throw new Mistake(`--instance belongs to a template such as worker@.service, not to ${target}`)
  }
  checked(`--instance ${text}`, () => instanceOf(template, instance))
  return { instance, limit: LIMITS[word as keyof typeof LIMITS], size }
}

/** What the command line calls the option of a memory key, e.g. `--max` for `MemoryMax`. */
export function limitOption(key: string): string | undefined {
  const [word] = Object.entries(LIMITS).find(([, limit]) => LIMIT_KEYS[limit].key === key) ?? []
  return word && `--${word}`
}
