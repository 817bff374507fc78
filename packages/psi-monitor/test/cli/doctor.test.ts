import { describe, expect, it } from 'vitest'
import { fakeRoot } from '../kit/fake-root.ts'
import { mountV1Memory, mountV2, pressureText, SERVICE, serviceTree } from '../kit/trees.ts'
import { command } from './command.ts'

const { run, json } = command()
const GIBIBYTE = 2 ** 30

describe('doctor', () => {
  it('prints each source, what governs, and what could be better', async () => {
    const { root } = fakeRoot(serviceTree())
    const { code, out, errors } = await run(['doctor', '--root', root, '--cgroup', SERVICE])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toBe(`cgroup ${SERVICE}

usage          live     \`memory.current\` and \`memory.stat\` of cgroup v2 are read (working set: unreclaimable).
memory-events  live     The kernel announces \`high\`, \`max\`, \`oom\` and \`oom_kill\` at once.
stall-total    live     The totals of stalls (\`some\`, \`full\`) are read, more often as it gets tight.
stall-trigger  live     Armed for some 100 ms in 1000 ms; until it fires, little is read.
host-pressure  live     The stalls of the whole host are read; they are context and never a reason.

metric       cgroup.unreclaimable
working set  unreclaimable: all but page cache and reclaimable slab
used         400 B of 1000 B (40 %)
limit        1000 B, held by ${SERVICE}/memory.max
warnings     events of the kernel, stalls, a forecast of usage against the limit

advice       Set MemoryHigh= to 85 to 90 % of MemoryMax=: the kernel then announces the first byte above it, before anything is killed.
`)
  })

  it('says the same to programs', async () => {
    const { root } = fakeRoot(serviceTree())
    const { code, value } = await json(['doctor', '--root', root, '--cgroup', SERVICE])
    expect(code).toBe(0)
    expect(value).toMatchObject({
      ok: true,
      target: { cgroup: SERVICE },
      sources: [
        { source: 'usage', state: 'live', path: SERVICE },
        { source: 'memory-events', state: 'live' },
        { source: 'stall-total', state: 'live' },
        { source: 'stall-trigger', state: 'live' },
        { source: 'host-pressure', state: 'live' },
      ],
      reading: {
        metric: 'cgroup.unreclaimable',
        usedBytes: 400,
        limitBytes: 1000,
        limitedBy: `${SERVICE}/memory.max`,
      },
      warnings: ['events', 'stalls', 'forecast'],
      advice: [expect.stringContaining('MemoryHigh=')],
    })
  })

  it('is about the own cgroup without a target, and says that others share it', async () => {
    const { root } = fakeRoot(serviceTree())
    const env = { MEMORY_PRESSURE_WATCH: '/dev/null' }
    const { code, out } = await run(['doctor', '--root', root], env)
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^own cgroup, ${SERVICE}\nThis is the cgroup .* your shell;`))
    expect(out).toMatch(/^systemd-watch +off +Pressure handling is switched off/m)
    expect(out).toContain('used         400 B of 1000 B')
    expect(out).not.toMatch(/^(heap|process) /m)
  })

  it('does not take what systemd set for the command as said to another', async () => {
    const { root } = fakeRoot(serviceTree())
    const env = { MEMORY_PRESSURE_WATCH: '/dev/null' }
    const { value } = await json(['doctor', '--root', root, '--cgroup', SERVICE], env)
    expect(value).toMatchObject({ warnings: ['events', 'stalls', 'forecast'] })
    expect(JSON.stringify(value)).not.toContain('systemd-watch')
  })

  it('looks at a process by its cgroup', async () => {
    const { root, set } = fakeRoot(serviceTree())
    set('/proc/4711/cgroup', '0::/system.slice/worker.service\n')
    const { code, out } = await run(['doctor', '--root', root, '--pid', '4711'])
    expect(code).toBe(0)
    expect(out).toContain(`process 4711, ${SERVICE}\n`)
    expect(out).toContain('used         400 B of 1000 B (40 %)\n')
  })

  it('takes a working set, and limits of its own', async () => {
    const { root } = fakeRoot({
      ...serviceTree(),
      [`${SERVICE}/memory.max`]: 'max\n',
    })
    const where = ['doctor', '--root', root, '--cgroup', SERVICE]
    const { out } = await run([...where, '--working-set', 'rss', '--memory-max', '0.5K'])
    expect(out).toContain('metric       cgroup.rss\n')
    expect(out).toContain('used         300 B of 512 B (58.6 %)\n')
    expect(out).toContain('limit        512 B, held by --memory-max\n')
    const { value } = await json([...where, '--memory-max', '2G', '--memory-high', '1g'])
    expect(value).toMatchObject({ reading: { limitBytes: GIBIBYTE } })
    const { value: shared } = await json([...where, '--memory-high', '1%'])
    expect(shared).toMatchObject({ reading: { limitedBy: 'the option `memoryHigh`' } })
  })

  it('finds nothing to better where MemoryHigh is set', async () => {
    const { root } = fakeRoot({ ...serviceTree(), [`${SERVICE}/memory.high`]: '900\n' })
    const { value } = await json(['doctor', '--root', root, '--cgroup', SERVICE])
    expect(value).toMatchObject({ reading: { limitBytes: 900 }, advice: [] })
  })

  it('advises on a MemoryHigh of its own where only a slice above has one', async () => {
    const { root } = fakeRoot({
      ...serviceTree(),
      '/sys/fs/cgroup/system.slice/memory.high': '900\n',
    })
    const { value } = await json(['doctor', '--root', root, '--cgroup', SERVICE])
    expect(value).toMatchObject({
      reading: { limitBytes: 900 },
      advice: [expect.stringContaining('MemoryHigh=')],
    })
  })

  it('has nothing but a forecast on cgroup v1, and says what would give more', async () => {
    const worker = '/sys/fs/cgroup/memory/worker'
    const { root } = fakeRoot({
      '/proc/self/mountinfo': mountV1Memory() + mountV2('/sys/fs/cgroup/unified'),
      [`${worker}/memory.usage_in_bytes`]: '500\n',
      [`${worker}/memory.limit_in_bytes`]: '1000\n',
      [`${worker}/memory.stat`]: 'total_inactive_file 100\nhierarchical_memory_limit 1000\n',
    })
    const { code, value } = await json(['doctor', '--root', root, '--cgroup', worker])
    expect(code).toBe(0)
    expect(value).toMatchObject({
      ok: true,
      reading: { usedBytes: 400, limitBytes: 1000 },
      warnings: ['forecast'],
      advice: [expect.stringContaining('systemd.unified_cgroup_hierarchy=1')],
    })
  })

  it('ends with 1 when nothing would warn', async () => {
    const { root, set } = fakeRoot({ '/proc/self/mountinfo': '' })
    set('/proc/4711/cgroup', '')
    set('/proc/4711/status', 'Name:\tnode\nRssAnon:\t200 kB\n')
    const where = ['doctor', '--root', root, '--pid', '4711']
    const { code, out } = await run(where)
    expect(code).toBe(1)
    expect(out).toContain(
      'used         200 KiB\nlimit        none\nwarnings     Nothing warns early.',
    )
    expect(out).toMatch(/^advice +Set a limit, such as MemoryMax=/m)
    expect(await run([...where, '--memory-max', '1M'])).toMatchObject({ code: 0 })
  })

  it('ends with 1 when nothing can be measured, and says of each source why', async () => {
    const { root } = fakeRoot({ '/proc/self/mountinfo': mountV2(), [`${SERVICE}/x`]: '' })
    const { code, out, errors } = await run(['doctor', '--root', root, '--cgroup', SERVICE])
    expect({ code, errors }).toEqual({ code: 1, errors: '' })
    expect(out).toMatch(/^usage +refused +No account of memory was found for it\.$/m)
    expect(out).toContain('\nmemory       Nothing can be measured.\n')
    const { value } = await json(['doctor', '--root', root, '--cgroup', SERVICE])
    expect(value).toMatchObject({ ok: false, warnings: [] })
    expect(value).not.toHaveProperty('reading')
  })
})

it.each([
  [{ '/proc/4711/cgroup': '0::/\n' }, 'Start it in a cgroup of its own'],
  [
    { '/proc/4711/cgroup': '0::/a\n', '/sys/fs/cgroup/a/cgroup.events': 'populated 1\n' },
    'Set MemoryAccounting=yes for its unit',
  ],
])('doctor advises on the account of a process: %j', async (files, sentence) => {
  const { root } = fakeRoot({
    '/proc/self/mountinfo': mountV2(),
    '/sys/fs/cgroup/memory.pressure': pressureText(0),
    '/proc/pressure/memory': pressureText(0),
    '/proc/4711/status': 'Name:\tnode\nRssAnon:\t200 kB\n',
    ...files,
  })
  const { value } = await json(['doctor', '--root', root, '--pid', '4711'])
  expect(value).toMatchObject({
    reading: { metric: 'process.unreclaimable' },
    advice: expect.arrayContaining([expect.stringContaining(sentence)]),
  })
})
