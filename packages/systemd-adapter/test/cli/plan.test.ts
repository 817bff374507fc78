import { describe, expect, it } from 'vitest'
import { command } from './command.ts'
import { DROP_INS, image } from './image.ts'

const { run, json } = command()

describe('plan', () => {
  it('shows files, changes, what will be in force, commands and findings', async () => {
    const { options, read } = image()
    const args = ['plan', 'worker@', '--max', '2G', '--instance', 'big=4G', '--instance', 'small']
    const { code, out, errors } = await run([...args, ...options])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out.replaceAll(/sha256=\w+/g, 'sha256=...'))
      .toBe(`Plan for worker@.service, systemd 257 on cgroup v2

Files
  create  ${DROP_INS}/45-recycler-limits.conf
  create  /etc/systemd/system/worker@big.service.d/45-recycler-limits.conf

Changes
  --- /dev/null
  +++ ${DROP_INS}/45-recycler-limits.conf
  +# Managed by worker-recycler: edit elsewhere, or it is left alone as yours. sha256=...
  +[Service]
  +MemoryMax=2147483648
  +OOMPolicy=kill

  --- /dev/null
  +++ /etc/systemd/system/worker@big.service.d/45-recycler-limits.conf
  +# Managed by worker-recycler: edit elsewhere, or it is left alone as yours. sha256=...
  +[Service]
  +MemoryMax=4294967296
  +OOMPolicy=kill

Will be in force
  worker@big.service  not running
               WANTED  WILL BE  FROM
    MemoryMax  4 GiB   4 GiB    /etc/systemd/system/worker@big.service.d/45-recycler-limits.conf:3

  worker@small.service  not running
               WANTED  WILL BE  FROM
    MemoryMax  2 GiB   2 GiB    ${DROP_INS}/45-recycler-limits.conf:3

Commands
  none

Findings
  none
`)
    expect(read(`${DROP_INS}/45-recycler-limits.conf`)).toBeUndefined()
  })

  it('ends with 1 where another file would win, and says how to mend it', async () => {
    const { options } = image({ [`${DROP_INS}/60-a.conf`]: '[Service]\nMemoryMax=3G\n' })
    const { code, out } = await run(['plan', 'worker@', '--max', '2G', ...options])
    expect(code).toBe(1)
    expect(out).toContain(`  worker@any.service (for any instance)  not running
                WANTED  WILL BE  FROM
    MemoryMax   2 GiB   3 GiB    ${DROP_INS}/60-a.conf:2
      shadowed          2 GiB    ${DROP_INS}/45-recycler-limits.conf:3
`)
    expect(out).toMatch(/^ {2}error +shadowed +worker@any\.service: MemoryMax=2147483648 of .*\.$/m)
    expect(out).toMatch(/^ {18,}Remove that line, or .*--order 95\)?\.$/m)
    const later = ['plan', 'worker@', '--max', '2G', '--order', '95', ...options]
    expect(await run(later)).toMatchObject({ code: 0 })
  })

  it('shows what is ignored, and that an old key is cancelled', async () => {
    const { options } = image({
      [`${DROP_INS}/10-a.conf`]: '[Service]\nMemoryLimit=1G\n',
      [`${DROP_INS}/90-b.conf`]: '[Service]\nMemoryMax=3GB\n',
    })
    const { code, out } = await run(['plan', 'worker@', '--max', '2G', ...options])
    expect(code).toBe(0)
    expect(out).toContain(`
                 WANTED  WILL BE    FROM
    MemoryMax    2 GiB   2 GiB      ${DROP_INS}/45-recycler-limits.conf:3
      ignored            3GB        ${DROP_INS}/90-b.conf:2
    MemoryLimit  -       cancelled  ${DROP_INS}/10-a.conf:2
`)
  })

  it('shows a change of a file, and one that goes', async () => {
    const { options } = image()
    await run(['apply', 'worker@', '--max', '2G', '--recycle', '--yes', ...options])
    const { code, out } = await run(['plan', 'worker@', '--max', '2560M', ...options])
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}replace {2}.*45-recycler-limits\.conf$/m)
    expect(out).toMatch(/^ {2}delete {3}.*45-recycler-stop\.conf$/m)
    expect(out).toContain('   [Service]\n  -MemoryMax=2147483648\n  +MemoryMax=2684354560\n   OOM')
    expect(out).toContain(`  --- ${DROP_INS}/45-recycler-stop.conf\n  +++ /dev/null\n  -# Managed`)
    const same = await run(['plan', 'worker@', '--max', '2G', '--recycle', ...options])
    expect(same.out).toContain('Changes\n  none: everything is as asked\n')
  })

  it('takes every option', async () => {
    const { options } = image()
    const words = `plan worker@ --max 2G --high 1700M --low 0 --min 64M --swap-max 0
      --instance a:high=3G --instance a=4G --instance x:y --oom-policy stop
      --restart-policy always --stop-timeout 2m --notify --pressure-threshold 200ms
      --hook-path /opt/record --spool /run/ends --recover-command ["/opt/x","recover"]
      --order 50 --below-usage --replace-edited`
    const { code, value } = await json([...words.split(/\s+/), ...options])
    expect(code).toBe(0)
    expect(value).toMatchObject({
      request: {
        target: 'worker@.service',
        limits: { max: '2G', high: '1700M', low: '0', min: '64M', swapMax: '0' },
        overrides: { a: { max: '4G', high: '3G' } },
        instances: ['x:y'],
        oomPolicy: 'stop',
        restart: { policy: 'always' },
        stop: { timeoutMs: 120_000 },
        pressure: { thresholdMs: 200 },
        hook: { path: '/opt/record', spool: '/run/ends', recover: ['/opt/x', 'recover'] },
        notify: true,
        order: '50',
        belowUsage: true,
        replaceEdited: true,
      },
      effects: [{ unit: 'worker@a.service' }, { unit: 'worker@x:y.service' }],
      facts: { version: 257, hierarchy: 'unified' },
    })
  })

  it('plans for the systemd of the image', async () => {
    const { root } = image()
    const old = ['--root', root, '--systemd-version', '219', '--cgroup', 'v1']
    const { code, out } = await run(['plan', 'worker@', '--max', '2G', '--high', '1G', ...old])
    expect(code).toBe(0)
    expect(out).toContain('Plan for worker@.service, systemd 219 on cgroup v1\n')
    expect(out).toContain('  +MemoryLimit=2147483648\n')
    expect(out).toMatch(/^ {4}MemoryLimit {2}2 GiB {3}2 GiB {4}\//m)
    expect(out).toMatch(/^ {2}warning {2}not_supported +MemoryHigh=1073741824 is left out/m)
  })

  it('ends with 1 for a share of a host that an image does not know', async () => {
    const { options } = image()
    const { code, out, errors } = await run(['plan', 'worker@', '--max', '80%', ...options])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(errors).toMatch(/^worker-recycler-systemd: MemoryMax=80% is a share of a host that/)
  })
})
