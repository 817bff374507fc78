import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { command } from './command.ts'
import { fakeUser } from './fake-systemctl.ts'
import { DROP_INS, type Image, image } from './image.ts'

const { run, json } = command()
const LIMITS = `${DROP_INS}/45-recycler-limits.conf`
const STOP = `${DROP_INS}/45-recycler-stop.conf`
const PROGRAM = '/usr/local/libexec/worker-recycler-death-record'
const RECEIPT = '/var/lib/worker-recycler/systemd/worker@.service.json'

const apply = async ({ options }: Image, ...more: readonly string[]) => {
  const args = ['apply', 'worker@', '--yes', ...more, ...options]
  expect(await run(args)).toMatchObject({ code: 0 })
}
const revert = ({ options }: Image, ...more: readonly string[]) =>
  run(['revert', 'worker@', ...more, ...options])

describe('revert', () => {
  it('is a dry run that says how it decides', async () => {
    const place = image()
    await apply(place, '--max', '2G')
    const { code, out } = await revert(place)
    expect(code).toBe(0)
    expect(out).toBe(`Revert of worker@.service

Files
  delete  ${LIMITS}

How it is decided
  By the receipt ${place.root}${RECEIPT}: what is still as it was applied goes back.

Nothing was changed. Run it again with --yes to take this back.
`)
    expect(place.read(LIMITS)).toBeDefined()
  })

  it('leaves nothing behind, however often was applied', async () => {
    const place = image()
    await apply(place, '--max', '2G', '--recycle', '--instance', 'big=4G')
    await apply(place, '--max', '3G', '--hook')
    await apply(place, '--max', '3G', '--hook')
    const { code, out } = await revert(place, '--yes')
    expect(code).toBe(0)
    expect(out).toMatch(/^Reverted worker@\.service\n\nFiles\n {2}deleted /)
    for (const path of [
      DROP_INS,
      '/etc/systemd/system/worker@big.service.d',
      PROGRAM,
      '/var/lib/worker-recycler',
    ]) {
      expect(existsSync(join(place.root, path)), path).toBe(false)
    }
    expect((await revert(place, '--yes')).out).toContain('  none: nothing of ours is there\n')
  })

  it('brings back what was there, and keeps what somebody has changed since', async () => {
    const place = image({ [LIMITS]: '[Service]\nMemoryMax=1G\n' })
    await apply(place, '--max', '2G', '--stop-timeout', '2m', '--replace-edited')
    place.write(STOP, '[Service]\nTimeoutStopSec=5s\n')
    const { code, out } = await revert(place, '--yes')
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}restored {2}.*45-recycler-limits\.conf {2}to what it was before$/m)
    expect(out).toMatch(/^ {2}kept +.*45-recycler-stop\.conf +changed by somebody else: it is the/m)
    expect(place.read(LIMITS)).toBe('[Service]\nMemoryMax=1G\n')
    expect(place.read(STOP)).toBe('[Service]\nTimeoutStopSec=5s\n')
  })

  it('goes by the hash of each file without a receipt', async () => {
    const place = image()
    await apply(place, '--max', '2G', '--recycle', '--instance', 'big=4G')
    rmSync(`${place.root}/var`, { recursive: true })
    place.write(STOP, `${place.read(STOP)}# mine\n`)
    place.write(`${DROP_INS}/override.conf`, '[Service]\nNice=1\n')
    const dry = await revert(place)
    expect(dry.out).toContain(
      '\n  There is no receipt: a file named NN-recycler-*.conf goes if the h',
    )
    expect(dry.out).toMatch(/^ {2}keep +.*45-recycler-stop\.conf +changed by somebody else/m)
    const { value } = await json(['revert', 'worker@', '--yes', ...place.options])
    expect(value).toMatchObject({ reverted: true, kept: [STOP], left: [] })
    expect(place.read(LIMITS)).toBeUndefined()
    expect(existsSync(join(place.root, '/etc/systemd/system/worker@big.service.d'))).toBe(false)
    expect(place.read(STOP)).toContain('# mine')
    expect(place.read(`${DROP_INS}/override.conf`)).toBeDefined()
  })

  it('keeps the program of the hook while another unit needs it', async () => {
    const place = image()
    await apply(place, '--hook')
    const other = ['apply', 'mailer', '--hook', '--yes', ...place.options]
    expect(await run(other)).toMatchObject({ code: 0 })
    expect((await revert(place)).out).toMatch(/^ {2}delete +.*death-record +unless another unit n/m)
    expect((await revert(place, '--yes')).out).toMatch(
      /^ {2}kept +.*-record +another unit needs i/m,
    )
    expect(place.read(PROGRAM)).toBeDefined()
  })

  it.each([
    ['{}', 'is no receipt of `apply`. Remove it'],
    ['not JSON', 'is no receipt of `apply`. Remove it'],
    [
      '{"appliedAtEpochMs":1,"plan":{"request":{"target":"a.service"},"files":[],"directories":[]}}',
      'is the receipt of a.service, not of worker@.service',
    ],
    [
      '{"appliedAtEpochMs":1,"plan":{"request":{"target":"worker@.service"},"files":[{"path":"/etc/../x"}],"directories":[]}}',
      'is no receipt of `apply`. Remove it',
    ],
  ])('trusts no receipt such as %s', async (text, sentence) => {
    const place = image({ [RECEIPT]: text })
    const { code, out, errors } = await revert(place, '--yes')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(errors).toBe(`worker-recycler-systemd: ${place.root}${RECEIPT} ${sentence}\n`)
  })

  it('takes the limit from the kernel, too, and says where that does not work', async () => {
    const user = fakeUser()
    user.write('.config/systemd/user/worker.service', '[Service]\nExecStart=/bin/w\n')
    user.load('worker.service', { usedBytes: 1000 })
    const where = ['worker', '--user', '--yes']
    await run(['apply', ...where, '--max', '2G'], user.env)
    expect(user.kernelMax('worker.service')).toBe('2147483648')
    expect(await run(['revert', ...where], user.env)).toMatchObject({ code: 0 })
    expect(user.kernelMax('worker.service')).toBe('max')
    await run(['apply', ...where, '--max', '2G'], user.env)
    user.fail('set-property', 'busy')
    const { out } = await run(['revert', ...where], user.env)
    expect(out).toContain(
      '\nStill in force\n  worker.service: the kernel has MemoryMax=2 GiB, the files ask for none.',
    )
  })
})
