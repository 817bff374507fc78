import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { causeOf, type DeathRecord, deaths } from '@worker-recycler/systemd-adapter'
import type { Context } from '../../guest/context.ts'
import { until } from '../../guest/until.ts'
import type { Check } from '../../suite.ts'
import { install } from './installed.ts'

/** Of each unit: more than a hundred on four machines. */
const KILLS = 13
const UNITS = ['often@1.service', 'often@2.service']
const MB = 2 ** 20
const LIMIT_BYTES = 12 * MB

/** Each says who it is, and leaks at once up to its limit. */
const LINES = [`ExecStart=/bin/sh -c 'echo $$INVOCATION_ID >&2; exec tail /dev/zero'`]

/** Every death leaves its record. */
export const killsCheck: Check = {
  name: `has a record of each of ${KILLS * UNITS.length} OOM kills, with its invocation`,
  limitMs: 600_000,
  run: async (context) => {
    const [template = ''] = UNITS
    await install(context, template, {
      lines: LINES,
      request: {
        hardBytes: LIMIT_BYTES,
        hook: {},
        restart: { delayMs: 10, starts: KILLS, inMs: 3_600_000, maxDelayMs: 10 },
      },
    })
    const startMs = performance.now()
    const heard = await Promise.all(UNITS.map((unit) => killAll(context, unit)))
    const all = heard.flat()
    const kills = all.map(({ oomKills }) => oomKills)
    const [least, most] = range(all.map(({ memoryPeakBytes = 0 }) => memoryPeakBytes))
    const eachMs = (performance.now() - startMs) / all.length
    return `${all.length} records of ${UNITS.length} units, ${Math.round(eachMs)} ms each; results ${counts(all.map(({ result }) => result))}; OOM kills counted ${counts(kills)}, memory peaks of ${(least / MB).toFixed(1)} to ${(most / MB).toFixed(1)} MB`
  },
}

/** Starts a unit, and follows its records until systemd gives it up. */
async function killAll(context: Context, unit: string): Promise<readonly DeathRecord[]> {
  const { run, signal, facts, owns } = context
  owns(unit)
  const records: DeathRecord[] = []
  const enough = new AbortController()
  const ends = AbortSignal.any([signal, enough.signal])
  const following = (async () => {
    for await (const record of deaths(unit, { signal: ends })) records.push(record)
  })()
  await run('systemctl', ['start', '--no-block', unit])
  const said = () => readFileSync(`/run/${unit}.said`, 'utf8').match(/^[0-9a-f]{32}$/gm) ?? []
  await until(
    () => (existsSync(`/run/${unit}.said`) && said().length >= KILLS) || undefined,
    signal,
  )
  await until(
    async () =>
      (await run('systemctl', ['show', '--property=ActiveState', unit])).includes('failed') ||
      undefined,
    signal,
    300,
  )
  await until(() => records.length >= KILLS || undefined, signal)
  enough.abort()
  await following

  assert.deepEqual(
    records.map(({ invocation }) => invocation),
    said(),
  )
  // With cgroup v1 systemd cannot tell who sent the signal, and with v2 not every time: the count can.
  const results = facts.cgroup === 2 ? ['oom-kill', 'signal'] : ['signal']
  const isRight = (record: DeathRecord) =>
    record.unit === unit && results.includes(record.result) && causeOf(record) === 'memory'
  const wrong = records.flatMap((record, at) => (isRight(record) ? [] : [{ at, ...record }]))
  assert.equal(wrong.length, 0, `${wrong.length} of ${KILLS}: ${JSON.stringify(wrong[0])}`)
  return records
}

function counts(values: readonly unknown[]): string {
  const kinds = [...new Set(values)]
  return kinds
    .map((kind) => `${String(kind)} (${values.filter((value) => value === kind).length} times)`)
    .join(', ')
}

const range = (values: readonly number[]) => [Math.min(...values), Math.max(...values)] as const
