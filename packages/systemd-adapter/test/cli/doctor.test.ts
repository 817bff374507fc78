import { describe, expect, it } from 'vitest'
import { command } from './command.ts'
import { fakeUser } from './fake-systemctl.ts'
import { DROP_INS, image } from './image.ts'

const { run, json } = command()
const GIB = 2 ** 30

describe('doctor', () => {
  it('says what this systemd can do, and whether one may apply', async () => {
    const { options } = image()
    const { code, out, errors } = await run(['doctor', ...options])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toBe(`systemd 257 on cgroup v2

What it can do for a worker
  yes  MemoryMax              the hard limit
  yes  MemoryHigh, MemoryLow  throttling above a limit, protection below one
  yes  MemorySwapMax          keeps a unit out of swap
  yes  MemoryMin              protection without exception
  yes  OOMPolicy              a death by memory is told from others, and leaves no half-dead worker
  no   limits at once         a reload brings no changed limit to the kernel: \`apply\` sets it by set-property as well
  yes  RestartSteps           restarts after crashes back off
  yes  MemoryPressureWatch    the worker hears of memory pressure (--pressure)
  yes  OpenFile               the worker speaks to systemd without a helper process (--notify)
  yes  ends are told          death records say how a worker ended (--hook)

May you apply?
  yes  /etc/systemd/system of the image can be written
`)
    const old = [...options.slice(0, 2), '--systemd-version', '219', '--cgroup', 'v1']
    const { value } = await json(['doctor', ...old])
    expect(value).toMatchObject({ ok: true, version: 219, hierarchy: 'legacy', findings: [] })
    expect(value).toHaveProperty('features.1', {
      name: 'MemoryHigh, MemoryLow',
      can: false,
      sentence: 'needs cgroup v2',
    })
  })

  it('finds what defeats our files, and ends with 1', async () => {
    const place = image()
    await run(['apply', 'worker@', '--max', '2G', '--yes', ...place.options])
    expect(await run(['doctor', 'worker@', ...place.options])).toMatchObject({ code: 0 })
    place.write(`${DROP_INS}/override.conf`, '[Service]\nMemoryMax=infinity\nMemoryMax=3GB\n')
    place.write(`${DROP_INS}/45-recycler-stop.conf`, '[Service]\nTimeoutStopSec=5s\n')
    const { code, out } = await run(['doctor', 'worker@', ...place.options])
    expect(code).toBe(1)
    expect(out).toContain('\nFindings on worker@.service\n')
    expect(out).toMatch(/^ {2}error +shadowed +worker@any\.service: MemoryMax=2147483648 of /m)
    expect(out).toMatch(/^ {2}warning +value_ignored +worker@any\.service: systemd ignores/m)
    expect(out).toMatch(/^ {2}warning +foreign_edit +.*45-recycler-stop\.conf was changed by/m)
  })

  it('finds what the kernel does not enforce', async () => {
    const user = fakeUser()
    user.write('.config/systemd/user/worker.service', '[Service]\nMemoryMax=2G\nRestart=always\n')
    user.load('worker.service', { usedBytes: 1000, maxBytes: 3 * GIB })
    const { code, value } = await json(['doctor', 'worker', '--user'], user.env)
    expect(code).toBe(1)
    expect(value).toMatchObject({
      ok: false,
      unit: 'worker.service',
      permission: { mayApply: true },
      findings: expect.arrayContaining([
        {
          level: 'error',
          code: 'not_in_force',
          message:
            'worker.service: the kernel has MemoryMax=3 GiB, the files say 2 GiB. Restart it, or apply again',
        },
      ]),
    })
  })

  it('ends with 1 for a unit that is not there', async () => {
    const { code, value } = await json(['doctor', 'nobody', ...image().options])
    expect(code).toBe(1)
    expect(value).toMatchObject({ findings: [{ level: 'error', code: 'unit_not_found' }] })
  })

  it('ends with 1 and a sentence where systemd does not run', async () => {
    const user = fakeUser()
    user.fail(
      'show',
      "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down",
    )
    const { code, out, errors } = await run(['doctor', '--user'], user.env)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(errors.trimEnd().split('\n')).toHaveLength(1)
    expect(errors).toMatch(/has not been booted .* Host is down.*; for an image give --root DIR/)
  })
})
