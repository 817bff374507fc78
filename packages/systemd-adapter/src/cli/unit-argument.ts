import { parseUnitName } from '../unit-file/unit-name.ts'
import { checked } from './mistake.ts'

const KINDS =
  /\.(service|socket|target|device|mount|automount|swap|timer|path|slice|scope|snapshot)$/

/**
 * Completes the name of a service as systemctl does: `worker@` is `worker@.service`. Throws a `Mistake`
 * for what is no name of a service.
 */
export function unitArgument(text: string | undefined): string {
  const name = text === undefined || KINDS.test(text) ? (text ?? '') : `${text}.service`
  return checked('UNIT', () => parseUnitName(name)).full
}
