/** The parts of a unit's name, e.g. `worker@1.service`. */
export interface UnitName {
  /** As systemd knows it. */
  readonly full: string
  /** Before the `@`, or all before the suffix. */
  readonly prefix: string
  /** Between `@` and suffix: empty for a template, undefined for a plain unit. */
  readonly instance: string | undefined
  /** With its dot: `.service`. */
  readonly suffix: string
}

/** systemd.unit(5): 255 characters at most, so that a name fits into a file's. */
const LONGEST = 255
const SUFFIX = '.service'
const NAME = /^([A-Za-z0-9:_.\\-]+)(?:@([A-Za-z0-9:_.\\@-]*))?\.service$/

/**
 * Reads the name of a service. Only services can be limited here. Throws a TypeError that says what is
 * wrong: a name ends up in paths and command lines, so that `/`, `..`, blanks and line feeds must not
 * pass, and none begins with `-`.
 */
export function parseUnitName(text: string): UnitName {
  const [, prefix, instance] = NAME.exec(text) ?? []
  const isFit =
    prefix !== undefined &&
    text.length <= LONGEST &&
    !text.startsWith('-') &&
    !text.startsWith('.') &&
    prefix !== '.'
  if (!isFit) {
    throw new TypeError(
      `Expected the name of a service, such as worker.service, worker@.service or worker@1.service, got ${JSON.stringify(text)}: letters, digits and : _ . \\ - only, 255 characters at most`,
    )
  }
  return { full: text, prefix, instance, suffix: SUFFIX }
}

/** Of `worker@.service`: it stands for all instances, and cannot be started itself. */
export function isTemplate({ instance }: UnitName): boolean {
  return instance === ''
}

/** The template of an instance; undefined for a plain unit. */
export function templateOf({ prefix, instance, suffix }: UnitName): string | undefined {
  return instance === undefined ? undefined : `${prefix}@${suffix}`
}

/** An instance of a template. Throws a TypeError for a name that systemd would not take. */
export function instanceOf(template: UnitName, instance: string): UnitName {
  if (!isTemplate(template) || instance === '') {
    throw new TypeError(`${template.full} has no instance ${JSON.stringify(instance)}`)
  }
  return parseUnitName(`${template.prefix}@${instance}${template.suffix}`)
}

/** Whether it is the name of a service or a template. */
export function isUnitName(text: string): boolean {
  return NAME.test(text) && text.length <= LONGEST && !/^[-.]/.test(text)
}
