import { chmodSync, statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { command } from './command.ts'
import { fakeUser } from './fake-systemctl.ts'
import { DROP_INS, image } from './image.ts'

const { run, json } = command()
const LIMITS = `${DROP_INS}/45-recycler-limits.conf`
const RECEIPT = '/var/lib/worker-recycler/systemd/worker@.service.json'
const UNIT = '.config/systemd/user/worker@.service'
const GIB = 2 ** 30
const MIB = 2 ** 20

/** A user with a template, two running workers, and one that does not run. */
function workers() {
  const user = fakeUser()
  user.write(UNIT, '[Service]\nExecStart=/bin/w\nRestart=always\n')
  user.load('worker@1.service', { usedBytes: 300 * MIB, maxBytes: 3 * GIB })
  user.load('worker@2.service', { usedBytes: 400 * MIB })
  user.load('worker@3.service', {})
  return { ...user, apply: ['apply', 'worker@', '--user', '--max', '2G'] }
}

describe('apply on an image', () => {
  it('is a dry run that says how to insist', async () => {
    const { options, read } = image()
    const { code, out } = await run(['apply', 'worker@', '--max', '2G', ...options])
    expect(code).toBe(0)
    expect(out).toMatch(/^Plan for worker@.service/)
    expect(out).toMatch(/\n\nNothing was changed\. Run it again with --yes to apply this\.\n$/)
    expect([read(LIMITS), read(RECEIPT)]).toEqual([undefined, undefined])
  })

  it('writes with --yes, tells of it, and keeps a receipt for its owner alone', async () => {
    const { root, options, read } = image()
    const { code, out, errors } = await run([
      'apply',
      'worker@',
      '--max',
      '2G',
      '--yes',
      ...options,
    ])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toBe(`Applied to worker@.service

Done
  created  ${LIMITS}
  reloads  none: no systemd runs on an image

Receipt
  ${root}${RECEIPT}
  take it back: worker-recycler-systemd revert worker@.service --root ${root} --systemd-version 257 --yes
`)
    expect(read(LIMITS)).toContain('MemoryMax=2147483648\n')
    expect(statSync(`${root}${RECEIPT}`).mode & 0o777).toBe(0o600)
    expect(JSON.parse(read(RECEIPT) ?? '')).toMatchObject({
      appliedAtEpochMs: expect.any(Number),
      plan: { request: { target: 'worker@.service' }, files: [{ path: LIMITS }] },
    })
  })

  it('refuses a plan with errors, and writes nothing', async () => {
    const { options, read } = image({ [`${DROP_INS}/60-a.conf`]: '[Service]\nMemoryMax=3G\n' })
    const { code, out } = await run(['apply', 'worker@', '--max', '2G', '--yes', ...options])
    expect(code).toBe(1)
    expect(out).toMatch(/\nNothing was changed: a plan with errors is not applied\. .*\n$/)
    expect([read(LIMITS), read(RECEIPT)]).toEqual([undefined, undefined])
  })

  it('keeps the receipt where it is told to, and refuses one that others could have written', async () => {
    const { root, options, read } = image()
    const receipt = `${root}/mine.json`
    const args = ['apply', 'worker@', '--max', '2G', '--yes', '--receipt', receipt, ...options]
    expect(await run(args)).toMatchObject({ code: 0 })
    expect(read(RECEIPT)).toBeUndefined()
    chmodSync(receipt, 0o666)
    const { code, errors } = await run(args)
    expect(code).toBe(1)
    expect(errors).toBe(
      `worker-recycler-systemd: ${receipt} may be somebody else's: it is no proof of what was applied. Remove it\n`,
    )
  })

  it('restarts nothing there', async () => {
    const args = ['apply', 'worker@', '--max', '2G', '--yes', '--restart']
    const { code, errors } = await run([...args, ...image().options])
    expect(code).toBe(2)
    expect(errors).toContain('--restart: nothing runs on an image; see')
  })
})

describe('apply where systemd runs', () => {
  it('brings the limit to the kernel of each running unit, and shows what was read back', async () => {
    const { env, apply, kernelMax, calls, at } = workers()
    const { code, out, errors } = await run([...apply, '--yes'], env)
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toContain(`
Done
  created  ${at(UNIT)}.d/45-recycler-limits.conf
  reloads  1

In force
  worker@1.service  MemoryMax 2 GiB, as the kernel has it
  worker@2.service  MemoryMax 2 GiB, as the kernel has it
  worker@3.service  does not run: its next start brings the limit

Receipt
  ${at('.local/state/worker-recycler/systemd/worker@.service.json')}
`)
    expect([kernelMax('worker@1.service'), kernelMax('worker@2.service')]).toEqual([
      String(2 * GIB),
      String(2 * GIB),
    ])
    expect(calls().filter((call) => call.startsWith('daemon-reload'))).toHaveLength(1)
  })

  it('changes nothing when all is as asked', async () => {
    const { env, apply, calls } = workers()
    await run([...apply, '--yes'], env)
    const before = calls()
    const { code, out } = await run([...apply, '--yes'], env)
    expect(code).toBe(0)
    expect(out).toContain(
      '  unchanged  every file is as asked already\n  reloads    none was needed',
    )
    expect(calls()).toEqual(before)
  })

  it('ends with 1 and says why where the kernel does not follow', async () => {
    const { env, apply, fail } = workers()
    fail('set-property', 'Device or resource busy')
    const { code, out } = await run([...apply, '--yes'], env)
    expect(code).toBe(1)
    expect(out).toContain(`
Not in force
  worker@1.service: MemoryMax is to be 2 GiB, the kernel has 3 GiB. Neither the reload nor set-property`)
    expect(out).toContain('worker@2.service: MemoryMax is to be 2 GiB, the kernel has infinity.')
    const { value } = await json([...apply, '--yes'], env)
    expect(value).toMatchObject({
      applied: true,
      notInForce: [{ target: 'worker@1.service' }, { target: 'worker@2.service' }],
    })
  })

  it('refuses a limit below what is in use, unless that is meant', async () => {
    const { env, kernelMax } = workers()
    const args = ['apply', 'worker@', '--user', '--max', '350M', '--yes']
    const { code, out } = await run(args, env)
    expect(code).toBe(1)
    expect(out).toMatch(/^ {2}error +below_usage +worker@2\.service: it uses 400 MiB; with/m)
    expect(await run([...args, '--below-usage'], env)).toMatchObject({ code: 0 })
    expect(kernelMax('worker@2.service')).toBe(String(350 * MIB))
  })

  it('ends with 1 and names a unit that runs no more, as a limit below what it used has killed it', async () => {
    const { env, write } = workers()
    write('state/reloaded', `sed -i s/=active/=failed/ "$state/units/worker@2.service"`)
    const args = ['apply', 'worker@', '--user', '--max', '350M', '--below-usage', '--yes']
    const { code, value } = await json(args, env)
    expect(code).toBe(1)
    expect(value).toMatchObject({ applied: true, ended: ['worker@2.service'] })
    write('state/reloaded', `sed -i s/=active/=failed/ "$state/units/worker@1.service"`)
    const { out } = await run([...args, '--recycle'], env)
    expect(out).toContain(`
Ended
  worker@1.service ran before and does not run now: a limit below what it used kills. Look into it:`)
  })

  it('restarts running units one after the other with --restart', async () => {
    const { env, apply, calls } = workers()
    const { code, out, errors } = await run([...apply, '--yes', '--restart'], env)
    expect(code).toBe(0)
    expect(errors).toBe(
      ['1.service (1 of 2)', '2.service (2 of 2)']
        .map((unit) => `worker-recycler-systemd: restarting worker@${unit}\n`)
        .join(''),
    )
    expect(out).toContain('  restarted  worker@1.service\n  restarted  worker@2.service\n')
    expect(calls().filter((call) => call.startsWith('try-restart'))).toEqual([
      'try-restart -- worker@1.service',
      'try-restart -- worker@2.service',
    ])
  })

  it('stops at the first restart that fails, and says that systemd counts starts', async () => {
    const { env, apply, fail } = workers()
    const said =
      'Job for worker@1.service failed because start of the service was attempted too often.'
    fail('try-restart', said)
    const { code, out } = await run([...apply, '--yes', '--restart'], env)
    expect(code).toBe(1)
    expect(out).toContain(`
Not restarted
  worker@1.service was started more often than its StartLimitBurst= allows, and is DOWN now. Start it by hand: systemctl --user reset-failed worker@1.service && systemctl --user start worker@1.service.
  worker@2.service: left as it is, since the one before failed
`)
    fail('try-restart', 'Job for worker@1.service failed.\nSee "systemctl status".')
    const other = await run([...apply, '--yes', '--restart'], env)
    expect(other.code).toBe(1)
    expect(other.out).toContain(
      'worker@1.service did not restart: `systemctl --user try-restart -- worker@1.service` failed: Job for worker@1.service failed. See "systemctl status". Look into it: systemctl --user status worker@1.service.',
    )
  })

  it('leaves all as it was when systemd does not reload', async () => {
    const { env, apply, fail, read } = workers()
    fail('daemon-reload', 'Failed to reload daemon: Access denied')
    const { code, out, errors } = await run([...apply, '--yes'], env)
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(errors).toMatch(/^worker-recycler-systemd: `systemctl --user daemon-reload` failed: .*/)
    expect(errors).toMatch(/; run it with sudo, or .* `worker-recycler-systemd polkit-rule` prints/)
    expect(errors.trimEnd().split('\n')).toHaveLength(1)
    expect(read(`${UNIT}.d/45-recycler-limits.conf`)).toBeUndefined()
    expect(read('.local/state/worker-recycler/systemd/worker@.service.json')).toBeUndefined()
  })

  it('says what to do where no systemd runs', async () => {
    const { env, apply } = workers()
    const { code, errors } = await run([...apply, '--yes'], { ...env, PATH: '/nowhere' })
    expect(code).toBe(1)
    expect(errors).toBe(
      'worker-recycler-systemd: There is no systemctl here: limits cannot be enforced; for an image give --root DIR and --systemd-version N\n',
    )
  })

  it('lasts until the next boot with --runtime', async () => {
    const { env, apply, read, at } = workers()
    const { code, out } = await run([...apply, '--runtime', '--yes'], env)
    expect(code).toBe(0)
    expect(read('run/systemd/user/worker@.service.d/45-recycler-limits.conf')).toBeDefined()
    expect(out).toContain(at('run/worker-recycler/systemd/worker@.service.json'))
  })
})
