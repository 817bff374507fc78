import fc from 'fast-check'
import { DIRECTORY, type Node } from './tree.ts'

/** Directories of the lookup path, the strongest first. */
export const LEVELS = ['control', 'etc', 'run', 'usr'] as const

/** Files around one name that nothing else has, and the units to ask for. */
export interface UnitTree {
  readonly units: readonly string[]
  /** By their paths, which begin with a level. */
  readonly nodes: Readonly<Record<string, Node>>
}

const level = fc.constantFrom(...LEVELS)
/** Begin with the name that tells trees apart; what comes after may be cut back. */
const prefixes = fc.constantFrom(
  '',
  '',
  '-a',
  '-a-b',
  '-a-b-c',
  '-',
  '--',
  '-a-',
  '--a',
  '-a--b',
  '---a',
  '.x-y.z',
  String.raw`\x2da-b`,
  ':a-_b',
)
const instances = fc.constantFrom(
  'x',
  'x-y',
  'a@b',
  '1.2',
  '-',
  'a.conf',
  String.raw`\x2fdev-sda`,
  '@',
)
const names = fc.constantFrom(
  '10-a.conf',
  '50-b.conf',
  '50-MemoryMax.conf',
  'm.conf',
  'memory-limit.conf',
  'override.conf',
  'zz.conf',
  'Z.conf',
  '5.conf',
  '50.conf',
  'é.conf',
  'ﬀ.conf',
  '😀.conf',
  'a b.conf',
  '.hidden.conf',
  'x.conf~',
  'x.CONF',
  'conf',
  'x.conf.tmp',
  '.conf',
  'README',
)

const sizes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 2 ** 40 }).map(String) },
  fc.constantFrom('1G', '1.5G', '1G500M', '2 G', '50%', '33.33%', 'infinity', '8E'),
  fc.constantFrom('2GB', '2g', '2Gi', '0', '0%', '200%', 'max', '-1', '"1G"', '1G # or so', '16E'),
  fc.constant(''),
)
const MEMORY = ['MemoryMax', 'MemoryHigh', 'MemoryLow', 'MemoryMin', 'MemorySwapMax']
const line = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constantFrom(...MEMORY), sizes) },
  fc.tuple(
    fc.constant('Restart'),
    fc.constantFrom('always', 'on-failure', 'on-abnormal', 'no', 'Always', 'maybe', ''),
  ),
  fc.tuple(
    fc.constant('ExecStopPost'),
    fc.oneof(
      fc.nat(99).map((id) => `/bin/echo ${id}`),
      fc.constant(''),
    ),
  ),
)
const lines = fc
  .array(line, { minLength: 1, maxLength: 4 })
  .map((all) => all.map(([key, value]) => `${key}=${value}\n`).join(''))

/** Mostly text; else one of the things that hide what is weaker. */
const dropIn: fc.Arbitrary<Node> = fc.oneof(
  { weight: 12, arbitrary: lines.map((text) => `[Service]\n${text}`) },
  fc.constantFrom<Node>('', { link: '/dev/null' }, { link: 'nowhere' }, DIRECTORY),
  lines.map((text) => `${text}[Service]\n[service]\nMemoryMax=7\n`),
  lines.map((text) => `[Service]\n${text}[Service\nMemoryMax=7\n`),
)
const service = lines.map((text) => `[Service]\nExecStart=/bin/true\n${text}`)
const fragment: fc.Arbitrary<Node> = fc.oneof(
  { weight: 12, arbitrary: service },
  fc.constantFrom<Node>('', { link: '/dev/null' }, { link: '../nowhere' }, DIRECTORY),
  fc.constant('[Service]\nExecStart=/bin/true\nMemoryMax=3\n[Service\n'),
)

/** `service.d`, which all trees of a forest share. */
export const forAllServices: fc.Arbitrary<UnitTree['nodes']> = fc
  .array(fc.tuple(level, names, dropIn), { maxLength: 4 })
  .map((all) =>
    Object.fromEntries(all.map(([at, name, node]) => [`${at}/service.d/${name}`, node])),
  )

/** A tree whose names begin with `stem`. */
export function unitTree(stem: string): fc.Arbitrary<UnitTree> {
  return fc
    .record({ prefix: prefixes.map((rest) => stem + rest), instance: fc.option(instances) })
    .chain(({ prefix, instance }) => {
      const template = `${prefix}@.service`
      const own = instance === null ? `${prefix}.service` : `${prefix}@${instance}.service`
      const sibling = instance === null ? [] : [`${prefix}@other.service`]
      const fragments = fc.array(fc.tuple(level, fc.constantFrom(own, own, template), fragment), {
        maxLength: 4,
      })
      const dropIns = fc.array(
        fc.tuple(level, fc.constantFrom(...directories(prefix, instance)), names, dropIn),
        { maxLength: 14 },
      )
      return fc
        .tuple(fc.option(service, { freq: 8 }), fragments, dropIns)
        .map(([first, others, files]): UnitTree => ({
          units: [own, ...sibling],
          nodes: Object.fromEntries([
            ...(first === null
              ? []
              : [[`usr/${instance === null ? own : template}`, first] as const]),
            ...others.map(([at, name, node]) => [`${at}/${name}`, node] as const),
            ...files.map(
              ([at, directory, name, node]) => [`${at}/${directory}/${name}`, node] as const,
            ),
          ]),
        }))
    })
}

/** Every directory that might be thought to count, by cutting the prefix anywhere near a dash. */
function directories(prefix: string, instance: string | null): readonly string[] {
  const cuts = [...prefix.matchAll(/-/g)].flatMap(({ index }) => [
    prefix.slice(0, index),
    prefix.slice(0, index + 1),
  ])
  const kinds = instance === null ? ['', '@'] : ['', '@', `@${instance}`, `@${instance}`]
  return [prefix, prefix, ...cuts].flatMap((cut) => kinds.map((at) => `${cut}${at}.service.d`))
}
