import assert from 'node:assert/strict'
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../../guest/context.ts'
import type { Check } from '../../suite.ts'
import { report } from './command.ts'
import { MB, mbText } from './megabytes.ts'
import { serviceText } from './service-template.ts'
import { readTree } from './tree.ts'

/** www-data: an account of every Debian that nothing runs as. */
const ID = 33
const HOME = '/run/host-user'
const RUNTIME = join(HOME, 'runtime')
const UNITS = join(HOME, '.config/systemd/user')
const ENV = { PATH: process.env['PATH'], HOME, XDG_RUNTIME_DIR: RUNTIME }
const SELF = { uid: ID, gid: ID, env: ENV }
const AS_SELF = [
  ...`--reuid=${ID} --regid=${ID} --clear-groups env`.split(' '),
  ...`HOME=${HOME} XDG_RUNTIME_DIR=${RUNTIME} systemctl --user`.split(' '),
]
const MANAGER = [
  ...`--quiet --uid=${ID} --gid=${ID} --setenv=HOME=${HOME} --setenv=XDG_RUNTIME_DIR=${RUNTIME}`.split(
    ' ',
  ),
  ...'--property=Type=notify --property=Delegate=yes --property=KillMode=mixed'.split(' '),
]

/** Services of a user, by that user's own manager. */
export const userManagerCheck: Check = {
  name: "sets and takes back the limits of a user's services, as that user",
  when: ({ cgroup }) => cgroup === 2 || 'cgroup v1 gives no memory controller to a user',
  run: async (context) => {
    await startManager(context)
    const systemctl = (...args: readonly string[]) => context.run('setpriv', [...AS_SELF, ...args])
    await systemctl('start', 'pool@1.service')
    const shown = await systemctl('show', '--value', '--property=ControlGroup', 'pool@1.service')
    const hard = () => readFileSync(`/sys/fs/cgroup${shown.trim()}/memory.max`, 'utf8').trim()
    assert.equal(hard(), 'max')
    const before = readTree([UNITS])

    const template = ['pool@.service', '--user']
    const applied = await report(context, 'apply', [...template, '--max', '64M', '--yes'], SELF)
    assert.deepEqual([applied.reloads, applied.notInForce, hard()], [1, [], String(64 * MB)])
    const status = await report(context, 'status', template, SELF)
    const [unit] = status.units
    assert.deepEqual([unit?.running, unit?.hardBytes], [true, 64 * MB])
    const { restored, left } = await report(context, 'revert', [...template, '--yes'], SELF)
    assert.deepEqual([left, hard()], [[], 'max'])
    assert.deepEqual(readTree([UNITS]), before)
    assert.ok(!existsSync(join(HOME, '.local/state/worker-recycler')))
    return `${shown.trim()}: ${mbText(64 * MB)}, then ${hard()}; took back ${restored.join(', ')}`
  },
}

/** Needs neither logind nor a bus: the manager has a socket of its own. */
async function startManager({ run, owns, atEnd }: Context): Promise<void> {
  atEnd(() => Promise.resolve(rmSync(HOME, { recursive: true, force: true })))
  for (const path of [HOME, RUNTIME, join(HOME, '.config'), dirname(UNITS), UNITS]) {
    mkdirSync(path, { mode: 0o700 })
    chownSync(path, ID, ID)
  }
  const file = join(UNITS, 'pool@.service')
  writeFileSync(file, serviceText(['ExecStart=/bin/sleep infinity', 'Restart=on-failure']))
  chownSync(file, ID, ID)
  const unit = 'host-user-manager.service'
  owns(unit)
  await run('systemd-run', [...MANAGER, `--unit=${unit}`, '/lib/systemd/systemd', '--user'])
}
