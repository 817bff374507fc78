import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOf } from '../../src/host/effects.ts'
import { type RemoteHost, startHost } from './kit/remote-host.ts'
import { sharedContainer } from './kit/shared-container.ts'
import { addUnits, service, show, writeInside } from './kit/units.ts'

const { container, isThere } = sharedContainer()
let host: RemoteHost

beforeAll(async () => {
  if (isThere()) host = await startHost(container())
})
afterAll(() => host?.stop())

const GIBIBYTE = 2 ** 30
const UNIT = service('ExecStart=/bin/sleep infinity')
const max = (gibibytes: number) => service(`MemoryMax=${gibibytes}G`)

interface Case {
  readonly title: string
  readonly unit: string
  /** In `/etc/systemd/system` where the path is relative. */
  readonly files: Readonly<Record<string, string>>
  readonly gibibytes: number
}

const CASES: readonly Case[] = [
  {
    title: 'lets a file of the template win whose name comes later than the instance’s',
    unit: 'pa@1.service',
    files: {
      'pa@.service': UNIT,
      'pa@.service.d/memory-limit.conf': max(2),
      'pa@1.service.d/10-override.conf': max(4),
    },
    gibibytes: 2,
  },
  {
    title: 'lets the instance win where the names are the same',
    unit: 'pb@1.service',
    files: {
      'pb@.service': UNIT,
      'pb@.service.d/m.conf': max(2),
      'pb@1.service.d/m.conf': max(4),
    },
    gibibytes: 4,
  },
  {
    title: 'lets the template in /etc win over the instance in /run where the names are the same',
    unit: 'pc@1.service',
    files: {
      'pc@.service': UNIT,
      'pc@.service.d/m.conf': max(2),
      '/run/systemd/system/pc@1.service.d/m.conf': max(4),
    },
    gibibytes: 2,
  },
  {
    title: 'lets an empty file of the instance mask the template’s',
    unit: 'pd@1.service',
    files: {
      'pd@.service': UNIT,
      'pd@.service.d/m.conf': max(2),
      'pd@1.service.d/m.conf': '',
    },
    gibibytes: Infinity,
  },
  {
    title: 'reads what is for all services among the unit’s own, by the name alone',
    unit: 'pe@1.service',
    files: {
      'pe@.service': UNIT,
      'pe@1.service.d/50-m.conf': max(4),
      'service.d/zz.conf': '[Unit]\nDescription=Of all\n[Service]\nMemoryMax=1G\n',
    },
    gibibytes: 1,
  },
  {
    title: 'reads what is for a prefix of the name',
    unit: 'pf-side@1.service',
    files: {
      'pf-side@.service': UNIT,
      'pf-.service.d/zzz-a.conf': max(2),
      'pf-@.service.d/zzz-b.conf': max(3),
    },
    gibibytes: 3,
  },
]

describe('explain, beside what systemd says', () => {
  it.each(CASES)('$title', async ({ unit, files, gibibytes }) => {
    const inEtc = Object.entries(files).filter(([path]) => !path.startsWith('/'))
    const elsewhere = Object.entries(files).filter(([path]) => path.startsWith('/'))
    for (const [path, text] of elsewhere) writeInside(container(), path, text)
    await addUnits(container(), Object.fromEntries(inEtc))
    const [explained] = await host.explain(unit)
    const shown = await show(container(), unit, 'MemoryMax', 'DropInPaths', 'FragmentPath')
    const wanted = gibibytes * GIBIBYTE
    const limit = explained!.limits['MemoryMax']!
    expect(bytesOf(limit, 0)).toBe(wanted)
    expect(shown['MemoryMax']).toBe(wanted === Infinity ? 'infinity' : String(wanted))
    expect(shown['DropInPaths']?.split(' ')).toEqual(explained!.resolution.dropIns)
    expect(shown['FragmentPath']).toBe(explained!.resolution.fragment)
    await container().run('rm', '-rf', '/etc/systemd/system/service.d')
  })

  it('tells that a value of set-property is lost at the next reload where a later file sets it', async () => {
    await addUnits(container(), {
      'ph@.service': UNIT,
      'ph@.service.d/memory-limit.conf': max(2),
    })
    await container().run('systemctl', 'start', 'ph@1.service')
    await container().run('systemctl', 'set-property', 'ph@1.service', 'MemoryMax=4G')
    const live = await show(container(), 'ph@1.service', 'MemoryMax')
    expect(live['MemoryMax']).toBe(String(4 * GIBIBYTE))
    const [explained] = await host.explain('ph@1.service')
    expect(explained!.limits['MemoryMax']!.winner).toMatchObject({
      path: '/etc/systemd/system/ph@.service.d/memory-limit.conf',
      value: '2G',
    })
    await container().run('systemctl', 'daemon-reload')
    const reloaded = await show(container(), 'ph@1.service', 'MemoryMax')
    expect(reloaded['MemoryMax']).toBe(String(2 * GIBIBYTE))
  })
})
