import { Mistake } from './mistake.ts'

/** UNIT_NAME_MAX of systemd, less the NUL at its end. */
const LONGEST = 255
const KINDS =
  /\.(service|socket|target|device|mount|automount|swap|timer|path|slice|scope|snapshot)$/

/**
 * Completes the name of a unit as systemctl does: without a kind of unit it is a service's
 * (systemd.unit(5)). Throws a `Mistake` for what is no name of a unit that could run.
 */
export function unitName(text: string): string {
  const name = KINDS.test(text) ? text : `${text}.service`
  // systemd allows a dash in front, as in `-.slice`; here it would look like an option.
  const isName = /^[A-Za-z0-9:_.\\][A-Za-z0-9:_.\\@-]*$/.test(text) && !/^\.[a-z]+$/.test(name)
  if (!isName || name.length > LONGEST) {
    throw new Mistake(
      `--unit takes the name of a unit such as worker@1.service, not ${JSON.stringify(text)}`,
    )
  }
  if (/@\.[a-z]+$/.test(name)) {
    throw new Mistake(
      `--unit: ${name} is a template; name an instance such as ${name.replace('@.', '@1.')}`,
    )
  }
  return name
}
