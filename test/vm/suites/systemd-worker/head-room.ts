import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import type { LastExit } from '@worker-recycler/core'
import { polkitRule } from '@worker-recycler/systemd-adapter'
import type { Context } from '../../guest/context.ts'
import { counter } from '../../guest/counter.ts'
import { until } from '../../guest/until.ts'
import type { Check } from '../../suite.ts'
import { install, type Installed, recycler } from './installed.ts'
import { unified } from './unified.ts'

const MB = 2 ** 20
const HIGH_MB = 64
/** Core asks for a tenth of the hard limit. */
const MAX_MB = 560
const HEAD_ROOM_BYTES = (MAX_MB / 10) * MB
/** With what the process has besides, more than MemoryHigh, and less than it with head-room. */
const JOB_MB = 80
/** One that every Debian has. */
const USER = 'www-data'
/** Judged by the kernel's account of stalls, so that no host is too slow. */
const STOOD_STILL_MS = 20_000

const stalledMs = (cgroup: string): number =>
  Number(/^some .*total=(\d+)$/m.exec(readFileSync(`${cgroup}/memory.pressure`, 'utf8'))?.[1]) /
  1000

/** Starts a worker of its own user, and has it leave while its job needs more than MemoryHigh. */
async function leave(context: Context, unit: string): Promise<Installed> {
  const worker = await install(context, unit, {
    lines: [recycler({ jobMb: JOB_MB }), 'Type=exec', `User=${USER}`],
    request: {
      hardBytes: MAX_MB * MB,
      softBytes: HIGH_MB * MB,
      hook: {},
      restart: { delayMs: 100 },
      stop: { timeoutMs: 120_000 },
    },
  })
  await worker.start()
  await worker.told('started')
  await worker.signal('SIGUSR1')
  return worker
}

const cgroupOf = async ({ show }: Installed): Promise<string> =>
  `/sys/fs/cgroup${(await show('ControlGroup')).ControlGroup}`

const has = ({ lines }: Installed, key: string): boolean => lines().some((line) => key in line)

/** What a worker without privileges needs, and is told to need. */
export const headRoomCheck: Check = {
  name: 'drains under MemoryHigh with the head-room that a polkit rule lets it take, and gives it back',
  when: unified,
  limitMs: 300_000,
  run: async (context) => {
    const { run, signal } = context
    await run('systemctl', ['start', 'polkit.service'])

    const refused = await leave(context, 'roomless.service')
    const refusal = String((await refused.told('refused'))['refused'])
    assert.match(
      refusal,
      /set-property .*roomless\.service.*allow it to this user by a polkit rule/,
    )
    const cgroup = await cgroupOf(refused)
    await until(() => stalledMs(cgroup) > STOOD_STILL_MS || undefined, signal, 200)
    assert.ok(!has(refused, 'finishedMb'), 'it drained without head-room')
    const held = Number(refused.lines().findLast((line) => 'heldMb' in line)?.['heldMb'] ?? 0)
    const high = counter(`${cgroup}/memory.events`, 'high')
    await run('systemctl', ['kill', '--signal=KILL', refused.unit])
    await run('systemctl', ['stop', refused.unit])

    const rule = polkitRule({ user: USER, units: ['roomy.service'] })
    writeFileSync('/etc/polkit-1/rules.d/50-worker.rules', rule)
    await run('systemctl', ['restart', 'polkit.service'])
    const granted = await leave(context, 'roomy.service')
    const { grantedBytes, tookMs } = await granted.told('grantedBytes')
    assert.equal(grantedBytes, HEAD_ROOM_BYTES)
    const room = await cgroupOf(granted)
    const beforeMs = stalledMs(room)
    await granted.told('finishedMb')
    const stillMs = stalledMs(room) - beforeMs
    assert.ok(stillMs < STOOD_STILL_MS, `it stood still for ${stillMs} ms with head-room, too`)
    await granted.told('stopped')
    const leavingMs = stalledMs(room) - beforeMs - stillMs
    const { lastExit } = (await granted.told('started', 2)) as { readonly lastExit?: LastExit }
    assert.equal(lastExit?.cause, 'recycle')
    const { MemoryHigh, MemoryMax } = await granted.show('MemoryHigh', 'MemoryMax')
    assert.deepEqual(
      [MemoryHigh, MemoryMax],
      [HIGH_MB, MAX_MB].map((mb) => String(mb * MB)),
    )
    assert.equal(readFileSync(`${room}/memory.high`, 'utf8').trim(), MemoryHigh)
    return `without: ${held} of ${JOB_MB} MB after ${inSeconds(STOOD_STILL_MS)} of stall, high ${high}; granted in ${inSeconds(Number(tookMs))}, after ${inSeconds(beforeMs)} of stall; from then on ${inSeconds(stillMs)}, and ${inSeconds(leavingMs)} when it was taken back. ${refusal}`
  },
}

/** For a detail. */
const inSeconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
