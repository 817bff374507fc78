import { realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSnapshot } from '../../src/host/read-snapshot.ts'
import { resolve } from '../../src/host/resolve.ts'
import { parseUnitName } from '../../src/unit-file/unit-name.ts'
import { askSystemd, reasonNotToAsk } from '../kit/oracle.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { DIRECTORY, type Node, writeTree } from '../kit/tree.ts'

const reason = reasonNotToAsk()
const SERVICE = '[Service]\nExecStart=/bin/true\n'
const FEATURES = { prefixes: true, typeDirectory: true }
const limit = (bytes: number) => `[Service]\nMemoryMax=${bytes}\n`

/** Asks for every name, and compares what systemd found under the name that it gave the unit. */
async function agree(nodes: Readonly<Record<string, Node>>, names: readonly string[]) {
  const root = scratchDirectory()
  writeTree(root, { ...nodes, etc: DIRECTORY, usr: DIRECTORY })
  const lookupPath = [join(root, 'etc'), join(root, 'usr')]
  const snapshot = await readSnapshot(
    lookupPath,
    names.map((name) => parseUnitName(name)),
  )
  for (const name of names) {
    const ours = resolve(parseUnitName(name), snapshot, FEATURES)
    const { seen } = await askSystemd(lookupPath, [name])
    // A link to nowhere keeps its own name there.
    const real = seen.get(ours.loadState === 'not-found' ? name : ours.unit)
    expect(ours.loadState).toBe(real?.loadState)
    expect(ours.fragment).toBe(real?.fragment)
    const dropIns = ours.loadState === 'not-found' ? [] : ours.dropIns
    expect(dropIns.map((path) => join(realpathSync(dirname(path)), basename(path)))).toEqual(
      real?.dropIns,
    )
  }
  return names.map((name) => resolve(parseUnitName(name), snapshot, FEATURES).unit)
}

describe.skipIf(reason)(`an alias${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('has the drop-ins of both names, under the name of the file', async () => {
    const units = await agree(
      {
        'usr/main.service': SERVICE,
        'etc/alias.service': { link: '../usr/main.service' },
        'etc/second.service': { link: 'alias.service' },
        'usr/alias.service.d/a.conf': limit(1),
        'etc/main.service.d/b.conf': limit(2),
        'etc/second.service.d/c.conf': limit(3),
      },
      ['alias.service', 'second.service', 'main.service'],
    )
    expect(units).toEqual(Array.from({ length: 3 }, () => 'main.service'))
  })

  it('of a template holds for its instances', async () => {
    const units = await agree(
      {
        'usr/main@.service': SERVICE,
        'etc/alias@.service': { link: '../usr/main@.service' },
        'usr/second@.service': SERVICE,
        'etc/one@1.service': { link: '../usr/second@.service' },
        'etc/alias@2.service': SERVICE,
        'usr/alias@.service.d/a.conf': limit(1),
        'etc/main@1.service.d/b.conf': limit(2),
        'etc/one@1.service.d/c.conf': limit(2),
      },
      ['alias@1.service', 'main@1.service', 'one@1.service', 'second@1.service', 'alias@2.service'],
    )
    expect(units).toEqual([
      'main@1.service',
      'main@1.service',
      'second@1.service',
      'second@1.service',
      'alias@2.service',
    ])
  })

  it('is none where the link leads to the same name, out of the lookup path, or to a misfit', async () => {
    const units = await agree(
      {
        'usr/main.service': SERVICE,
        'srv/other.service': SERVICE,
        'etc/main.service': { link: '../usr/main.service' },
        'etc/linked.service': { link: '../srv/other.service' },
        'etc/linked.service.d/a.conf': limit(1),
        'etc/misfit.service': { link: '../usr/x@.service' },
        'usr/misfit.service': SERVICE,
        'usr/x@.service': SERVICE,
        'etc/gone.service': { link: '../usr/missing.service' },
      },
      ['main.service', 'linked.service', 'misfit.service', 'gone.service'],
    )
    expect(units).toEqual(['main.service', 'linked.service', 'misfit.service', 'missing.service'])
  })
})

it('an alias that is too long with an instance stops nobody from being resolved', async () => {
  const root = scratchDirectory()
  writeTree(root, {
    'usr/main@.service': SERVICE,
    'usr/another-name@.service': { link: 'main@.service' },
    'usr/main@.service.d/a.conf': limit(1),
  })
  const unit = parseUnitName(`main@${'x'.repeat(240)}.service`)
  const snapshot = await readSnapshot([join(root, 'usr')], [unit])
  expect(resolve(unit, snapshot, FEATURES)).toMatchObject({
    unit: unit.full,
    fragment: join(root, 'usr/main@.service'),
    dropIns: [join(root, 'usr/main@.service.d/a.conf')],
  })
})
