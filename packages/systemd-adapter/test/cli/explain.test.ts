import { describe, expect, it } from 'vitest'
import { command } from './command.ts'
import { fakeUser } from './fake-systemctl.ts'
import { DROP_INS, image } from './image.ts'

const { run, json } = command()
const GIB = 2 ** 30

describe('explain', () => {
  it('says which line wins, which it defeats, what is ignored, and in which order files are read', async () => {
    const big = '/etc/systemd/system/worker@big.service.d'
    const { options } = image({
      [`${DROP_INS}/50-a.conf`]: '[Service]\nMemoryMax=1G\n',
      [`${big}/50-a.conf`]: '[Service]\nMemoryMax=2G\nMemoryHigh=1GB\n',
      [`${big}/60-b.conf`]: '[Service]\nMemoryMax=3G\nMemoryHigh=80%\n',
    })
    const { code, out, errors } = await run(['explain', 'worker@big', ...options])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toBe(`worker@big.service, systemd 257 on cgroup v2

worker@big.service  not running
              VALUE  FROM
  MemoryMax   3 GiB  ${big}/60-b.conf:2
    shadowed  2G     ${big}/50-a.conf:2
  MemoryHigh  80%    ${big}/60-b.conf:3
    ignored   1GB    ${big}/50-a.conf:3

Read in this order, the last assignment wins
  1  /usr/lib/systemd/system/worker@.service
  2  ${big}/50-a.conf
  3  ${big}/60-b.conf

Not read, since a stronger file has the same name
  ${DROP_INS}/50-a.conf  by ${big}/50-a.conf
`)
  })

  it('shows what the kernel has for each instance', async () => {
    const user = fakeUser()
    user.write('.config/systemd/user/worker@.service', '[Service]\nMemoryMax=2G\n')
    user.load('worker@1.service', { usedBytes: GIB, maxBytes: 3 * GIB })
    user.load('worker@2.service', {})
    const { code, out } = await run(['explain', 'worker@', '--user'], user.env)
    expect(code).toBe(0)
    const at = user.at('.config/systemd/user/worker@.service')
    expect(out).toContain(`worker@1.service  running, uses 1 GiB
             VALUE  KERNEL NOW  FROM
  MemoryMax  2 GiB  3 GiB       ${at}:2
`)
    expect(out).toContain('worker@2.service  not running\n             VALUE  FROM\n')
    const { value } = await json(['explain', 'worker@2', '--user'], user.env)
    expect(value).toMatchObject([
      { unit: 'worker@2.service', version: 257, limits: { MemoryMax: { winner: { line: 2 } } } },
    ])
  })

  it('ends with 1 where there is no such unit', async () => {
    const { code, out } = await run(['explain', 'nobody', ...image().options])
    expect(code).toBe(1)
    expect(out).toContain('nobody.service  has no file of its own (yet)\n  no memory limit\n')
  })
})
