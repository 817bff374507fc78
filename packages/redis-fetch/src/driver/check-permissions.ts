import type { Layout } from '../layout/layout.ts'
import { type Command, type Driver, type Reply, textOf } from './driver.ts'
import type { Finding } from './finding.ts'
import { type KeyRule, keyRules } from './key-rules.ts'
import { type NeededCommand, NEEDED_COMMANDS } from './needed-commands.ts'
import { errorWord } from './storage-error.ts'

type Node = Pick<Driver, 'send'>

/** A command to ask about, and what is wrong where it is refused. */
interface Question {
  readonly command: Command
  readonly need?: NeededCommand
  readonly rule?: KeyRule
}

/** Ways to touch a key that would do no harm even if they were run; one is enough to tell. */
const TOUCHES: readonly (readonly [name: string, ...args: string[]])[] = [
  ['EXISTS'],
  ['TYPE'],
  ['LLEN'],
  ['LREM', '1', 'permission-check'],
]

/**
 * What this connection's ACL user may not do, and the rules to add. In a Cluster each node has users of
 * its own: all are asked. Changes nothing on the server.
 */
export async function checkPermissions(
  driver: Pick<Driver, 'nodes' | 'isCluster'>,
  layout: Layout,
): Promise<Finding[]> {
  const needs = NEEDED_COMMANDS.filter(
    ({ only }) =>
      only === undefined || (only === 'cluster' ? driver.isCluster : only === layout.name),
  )
  const rules = keyRules(layout)
  const questions: Question[] = needs.map((need) => ({ need, command: commandOf(need, rules[0]) }))
  for (const rule of rules) {
    for (const [name, ...args] of TOUCHES) {
      questions.push({ rule, command: [name, rule.sample, ...args] })
    }
  }
  const found = await Promise.all(driver.nodes().map((node) => checkNode(node, questions)))
  return [...new Map(found.flat().map((finding) => [finding.message, finding])).values()]
}

async function checkNode(node: Node, questions: readonly Question[]): Promise<Finding[]> {
  const [whoAmI] = await node.send([['ACL', 'WHOAMI']])
  const user = textOf(whoAmI)
  const answers =
    (user === undefined ? undefined : await askDryRun(node, user, questions)) ??
    (await askInTransaction(node, questions))
  if (!answers) return [UNKNOWN]
  const refusals = questions.map(({ need, rule }, index) => {
    return { need, rule, refused: refusal(answers[index] ?? null) }
  })
  const commands = refusals.flatMap(({ need, refused }) =>
    need && (refused === 'command' || refused === 'channel') ? [need] : [],
  )
  // Where no command may be run nothing is known about keys; a rule too many does no harm.
  const usable = new Set(refusals.filter(({ refused }) => !refused).map(({ rule }) => rule))
  const rules = new Set(refusals.flatMap(({ rule }) => (rule && !usable.has(rule) ? [rule] : [])))
  const patterns = Array.from(rules, ({ pattern }) => pattern)
  return findings(user ?? '<user>', commands, patterns)
}

/** Asks the server what it would say (Redis 7.0); undefined where asking is not allowed either. */
async function askDryRun(
  node: Node,
  user: string,
  questions: readonly Question[],
): Promise<readonly Reply[] | undefined> {
  const dryRun = (command: Command): Command => ['ACL', 'DRYRUN', user, ...command]
  const [canAsk] = await node.send([dryRun(['PING'])])
  if (canAsk instanceof Error) return undefined
  return node.send(questions.map(({ command }) => dryRun(command)))
}

/**
 * Queues the commands in a transaction and discards it: permissions are checked when a command is
 * queued, and nothing is run. Only where both ends of a transaction are allowed for certain.
 */
async function askInTransaction(
  node: Node,
  questions: readonly Question[],
): Promise<readonly Reply[] | undefined> {
  const [discard] = await node.send([['DISCARD']])
  if (!(discard instanceof Error) || !discard.message.includes('without MULTI')) return undefined
  const [multi] = await node.send([['MULTI'], ['DISCARD']])
  if (multi instanceof Error) return undefined
  // The client takes note of what changes a connection although it is not run: not asked here.
  const asked = questions.map(({ command, need }): Command => (need?.stateful ? ['PING'] : command))
  const replies = await node.send([['MULTI'], ...asked, ['DISCARD']])
  return replies.slice(1, -1)
}

/** The three versions of the sentence that servers have differ in little words. */
function refusal(reply: Reply): 'command' | 'channel' | 'key' | undefined {
  const isNoPerm = reply instanceof Error && errorWord(reply) === 'NOPERM'
  const text = reply instanceof Error ? (isNoPerm ? reply.message : '') : (textOf(reply) ?? '')
  if (!/no permissions/i.test(text)) return undefined
  if (/to run the/.test(text)) return 'command'
  return /channels?\b/.test(text) ? 'channel' : 'key'
}

function findings(
  user: string,
  commands: readonly NeededCommand[],
  patterns: readonly string[],
): Finding[] {
  const missing = commands.filter(({ without }) => without === undefined)
  const optional = commands.filter(({ without }) => without !== undefined)
  const found = optional.map(({ name, why, without, channel }): Finding => {
    const [what, rules] = channel ? [` on \`${channel.slice(1)}\``, ` ${channel}`] : ['', '']
    return {
      code: 'permissions_optional',
      severity: 'warning',
      message: `The ACL user \`${user}\` may not run ${spoken(name)}${what}, which ${why}; ${without}: run \`ACL SETUSER ${user} +${name}${rules}\`.`,
    }
  })
  if (missing.length === 0 && patterns.length === 0) return found
  const lacks = [
    ...(missing.length > 0 ? [`run ${missing.map(({ name }) => spoken(name)).join(', ')}`] : []),
    ...(patterns.length > 0 ? [`use keys \`${patterns.join('`, `')}\``] : []),
  ]
  const grant = [...missing.map(({ name }) => `+${name}`), ...patterns.map((each) => `~${each}`)]
  const message = `The ACL user \`${user}\` may not ${lacks.join(', nor ')}: run \`ACL SETUSER ${user} ${grant.join(' ')}\`.`
  return [{ code: 'permissions', severity: 'error', message }, ...found]
}

const UNKNOWN: Finding = {
  code: 'permissions_unknown',
  severity: 'warning',
  message:
    'The ACL user may not ask what it is allowed to do: add `+acl|whoami +acl|dryrun` (or `+multi +discard` before Redis 7) and ask again.',
}

function commandOf({ name, sample }: NeededCommand, rule: KeyRule | undefined): Command {
  const [command = '', ...sub] = name.split('|')
  const args = sample.split(' ').filter((arg) => arg !== '')
  return [command, ...sub, ...args.map((arg) => (arg === 'KEY' ? (rule?.sample ?? arg) : arg))]
}

function spoken(name: string): string {
  return name.replace('|', ' ').toUpperCase()
}
