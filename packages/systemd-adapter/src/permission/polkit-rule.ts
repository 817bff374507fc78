import { expectOneOf } from '../expect.ts'
import { parseUnitName } from '../unit-file/unit-name.ts'

/** Who may do what, with which services. */
export interface PolkitRuleOptions {
  readonly user: string
  /** Services and templates; a template stands for all its instances. */
  readonly units: readonly string[]
  /** Defaults to what head-room needs: `set-property`. */
  readonly verbs?: readonly ('set-property' | 'restart' | 'try-restart' | 'reset-failed')[]
}

const VERBS = ['set-property', 'restart', 'try-restart', 'reset-failed']

/**
 * The text of a polkit rule (polkit(8), for `/etc/polkit-1/rules.d`) by which an unprivileged worker may
 * raise the limits of its own services, and nothing else: no other unit, no other verb. Throws a
 * TypeError for a user or a unit of other letters.
 */
export function polkitRule(options: PolkitRuleOptions): string {
  const { user, units, verbs = ['set-property'] } = options
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(user)) {
    throw new TypeError(`Expected \`user\` to be the name of a user, got ${JSON.stringify(user)}`)
  }
  if (units.length === 0) throw new TypeError('Expected `units` to name a service')
  for (const verb of verbs) expectOneOf('verbs', verb, VERBS)
  const patterns = units.map((unit) => patternOf(unit)).join('|')
  return `// Managed by worker-recycler.
polkit.addRule(function (action, subject) {
  if (action.id !== 'org.freedesktop.systemd1.manage-units') return
  if (subject.user !== ${JSON.stringify(user)}) return
  if (${JSON.stringify(verbs)}.indexOf(action.lookup('verb')) === -1) return
  if (/^(?:${patterns})$/.test(action.lookup('unit'))) return polkit.Result.YES
})
`
}

function patternOf(name: string): string {
  const { prefix, instance, suffix } = parseUnitName(name)
  const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
  if (instance === undefined) return escaped(`${prefix}${suffix}`)
  const all = String.raw`[A-Za-z0-9:_.\\@-]+`
  return `${escaped(prefix)}@${instance === '' ? all : escaped(instance)}${escaped(suffix)}`
}
