import { describe, expect, it } from 'vitest'
import { askSystemctl } from '../../src/cli/ask-systemctl.ts'
import { unitName } from '../../src/cli/unit-name.ts'
import { fakeRoot } from '../kit/fake-root.ts'
import { mountV1Memory, mountV2, SERVICE, serviceTree } from '../kit/trees.ts'
import { command, withSystemctl } from './command.ts'

const { run, json } = command()
const GROUP = '/system.slice/worker.service'

/** What systemctl(1) prints of a unit. */
const shown = (loadState: string, activeState: string, controlGroup: string) =>
  `printf 'LoadState=%s\\nActiveState=%s\\nControlGroup=%s\\n' '${loadState}' '${activeState}' '${controlGroup}'`

describe('--unit', () => {
  it('is resolved by systemctl', async () => {
    const { root } = fakeRoot(serviceTree())
    const asked = `echo "$*" >&2; test "$*" = 'show --property=LoadState --property=ActiveState --property=ControlGroup -- worker.service' || exit 1`
    const env = withSystemctl(`${asked}\n${shown('loaded', 'active', GROUP)}`)
    const { code, value } = await json(['doctor', '--root', root, '--unit', 'worker'], env)
    expect(code).toBe(0)
    expect(value).toMatchObject({
      target: { unit: 'worker.service', cgroup: SERVICE },
      reading: { usedBytes: 400 },
    })
    const { out } = await run(['doctor', '--root', root, '--unit', 'worker'], env)
    expect(out).toMatch(new RegExp(`^worker.service, ${SERVICE}\n`))
  })

  it('asks the user manager with --user', async () => {
    const { root } = fakeRoot(serviceTree())
    const env = withSystemctl(`test "$1" = --user || exit 1\n${shown('loaded', 'active', GROUP)}`)
    const args = ['doctor', '--root', root, '--unit', 'worker', '--user']
    expect(await run(args, env)).toMatchObject({ code: 0 })
  })

  it('finds the account of memory on hybrid hosts', async () => {
    const worker = `/sys/fs/cgroup/memory${GROUP}`
    const { root } = fakeRoot({
      '/proc/self/mountinfo': mountV2('/sys/fs/cgroup/unified') + mountV1Memory(),
      [`/sys/fs/cgroup/unified${GROUP}/cgroup.events`]: 'populated 1\n',
      [`${worker}/memory.usage_in_bytes`]: '500\n',
      [`${worker}/memory.stat`]: 'total_inactive_file 100\n',
    })
    const env = withSystemctl(shown('loaded', 'active', GROUP))
    const { value } = await json(['doctor', '--root', root, '--unit', 'worker'], env)
    expect(value).toMatchObject({ target: { cgroup: worker }, reading: { usedBytes: 400 } })
  })

  it('is looked for in what a mount shows of the hierarchy', async () => {
    const { root } = fakeRoot({
      '/proc/self/mountinfo': mountV2('/cgroup', '/system.slice'),
      '/cgroup/worker.service/memory.current': '500\n',
      '/cgroup/worker.service/memory.stat': 'anon 300\n',
    })
    const env = withSystemctl(shown('loaded', 'active', GROUP))
    const { value } = await json(['doctor', '--root', root, '--unit', 'worker'], env)
    expect(value).toMatchObject({ target: { cgroup: '/cgroup/worker.service' } })
  })

  it.each([
    [shown('not-found', 'inactive', ''), 'systemd knows no unit worker.service; --user asks the'],
    [shown('loaded', 'failed', ''), 'worker.service is not running (failed)'],
    [shown('loaded', 'active', ''), 'worker.service has no cgroup: it runs no processes of its'],
    [shown('loaded', 'active', '/elsewhere'), 'The cgroup /elsewhere of worker.service is in no'],
    ['echo "Failed to connect to bus.\nMore." >&2; exit 1', 'systemctl cannot tell: Failed to con'],
  ])('ends with 1 when systemctl does `%s`: %s', async (script, sentence) => {
    const { root } = fakeRoot(serviceTree())
    for (const name of ['doctor', 'watch']) {
      const args = [name, '--root', root, '--unit', 'worker']
      const { code, out, errors } = await run(args, withSystemctl(script))
      expect({ code, out }).toEqual({ code: 1, out: '' })
      expect(errors.startsWith(`worker-recycler-psi: ${sentence}`), errors).toBe(true)
      expect(errors.trimEnd().split('\n')).toHaveLength(1)
    }
  })

  it('ends with 1 where there is no systemctl', async () => {
    const { code, errors } = await run(['doctor', '--unit', 'worker'], { PATH: '/nowhere' })
    expect(code).toBe(1)
    expect(errors).toContain('There is no systemctl here to find the unit by: give --pid or --cgr')
  })

  it('gives up on a systemctl that does not answer', async () => {
    const env = withSystemctl('exec sleep 1000')
    const { signal } = new AbortController()
    const asked = askSystemctl('worker.service', { values: {}, env, signal, timeoutMs: 100 })
    await expect(asked).rejects.toThrow('systemctl did not answer within 0.1 s')
  })
})

describe('the name of a unit', () => {
  it.each([
    ['worker', 'worker.service'],
    ['worker@1', 'worker@1.service'],
    ['my.worker', 'my.worker.service'],
    ['worker.scope', 'worker.scope'],
    ['system-worker.slice', 'system-worker.slice'],
    [String.raw`worker@a\x2db.service`, String.raw`worker@a\x2db.service`],
    ['a:b_c', 'a:b_c.service'],
  ])('%s is completed to %s', (text, name) => {
    expect(unitName(text)).toBe(name)
  })

  it.each(['', '.service', '@1', '-a', 'a b', 'a/b', 'a*', 'ä', 'a\n', 'a'.repeat(250)])(
    '%j is none',
    (text) => {
      expect(() => unitName(text)).toThrow('--unit takes the name of a unit')
    },
  )
})
