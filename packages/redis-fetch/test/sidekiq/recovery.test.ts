import { describe, expect, it } from 'vitest'
import { withoutRedis } from '../../../../test/redis/redis-binary.ts'
import { withoutSidekiq } from '../../../../test/redis/sidekiq.ts'
import { membersOf, untilTrue } from '../faults/fault-scene.ts'
import { fixturePrograms } from '../processes/programs.ts'
import { interruptedByRuby, rubyFleet } from './ruby-fleet.ts'

const reason = withoutRedis() ?? withoutSidekiq()
const skipped = reason ? ` (skipped: ${reason})` : ''
const HOLD = '{ "do" => "hold", "once" => true }'
const byId = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id).toSorted()
const limit = { interrupted_count: 2 }

describe.skipIf(reason)(`what a killed worker of Ruby's held${skipped}`, () => {
  it('is adopted here, and counted as Ruby counts', async () => {
    const { client, ruby, log, held, age, queue, raw } = await rubyFleet()
    const ids = [1, 2].map(() => client(`puts Paint.perform_async(${HOLD}, 1e2, "ä")`))
    const victim = await ruby({ concurrency: 2 })
    await log.until(() => log.ids('run').size === 2)
    await victim.kill()
    const before = await held(victim.identity)
    expect(await queue.adopt(), 'its heartbeat is there').toEqual([])
    await age(victim.identity)
    const adopted = await queue.adopt()
    expect(byId(adopted)).toEqual(ids.toSorted())
    expect(adopted).toMatchObject([1, 2].map(() => ({ from: victim.identity, to: 'queue' })))
    expect(await held(victim.identity)).toEqual([])
    const expected = before.map(interruptedByRuby).toSorted()
    expect((await membersOf(raw, 'queue:default')).map(String).toSorted()).toEqual(expected)

    const heir = await ruby({ concurrency: 2 })
    await log.until(() => log.ids('done').size === 2)
    expect(log.lines('done').map(({ by }) => by)).toEqual([heir.identity, heir.identity])
  })

  it('is left alone while the worker lives, however old it is', async () => {
    const { client, ruby, log, held, age, queue, raw } = await rubyFleet()
    const id = client(`puts Paint.perform_async(${HOLD})`)
    const worker = await ruby()
    await log.until(() => log.ids('run').has(id))
    const before = await held(worker.identity)
    await age(worker.identity)
    await raw.command(
      'SET',
      `reliable-fetcher-heartbeat-${worker.identity.replaceAll(':', '-')}`,
      1,
    )
    expect(await queue.adopt()).toEqual([])
    expect(await held(worker.identity)).toEqual(before)
  })

  it('is left alone while it is young: its worker may only just have begun', async () => {
    const { client, ruby, log, held, queue, raw } = await rubyFleet()
    const id = client(`puts Paint.perform_async(${HOLD})`)
    const worker = await ruby()
    await log.until(() => log.ids('run').has(id))
    await raw.command('DEL', `reliable-fetcher-heartbeat-${worker.identity.replaceAll(':', '-')}`)
    expect(await queue.adopt()).toEqual([])
    expect(await held(worker.identity)).toHaveLength(1)
  })

  it('is put into quarantine here after its last interruption, as Ruby would', async () => {
    const { client, ruby, log, held, age, queue, raw } = await rubyFleet()
    const fields = `"class" => "Paint", "args" => [${HOLD}], "interrupted_count" => 2`
    const id = client(`puts Sidekiq::Client.push(${fields})`)
    const victim = await ruby()
    await log.until(() => log.ids('run').has(id))
    await victim.kill()
    const [before = ''] = await held(victim.identity)
    expect(JSON.parse(before)).toMatchObject(limit)
    await age(victim.identity)
    expect(await queue.adopt()).toMatchObject([{ id, to: 'quarantine' }])
    expect((await membersOf(raw, 'interrupted')).map(String)).toEqual([interruptedByRuby(before)])
    const shown = client(
      "require 'sidekiq-reliable-fetch'; require 'sidekiq/interrupted_set'; puts Sidekiq::InterruptedSet.new.map(&:jid)",
    )
    expect(shown).toBe(id)
    expect(await queue.quarantine.release(id)).toBe(true)
    await ruby()
    await log.until(() => log.ids('done').has(id))
  })
})

describe.skipIf(reason)(`what a killed worker of ours held${skipped}`, () => {
  const program = fixturePrograms()

  it("is put back by Ruby's cleanup, and nothing else", async () => {
    const { client, ruby, node, log, held, age, queue, raw } = await rubyFleet()
    const ids = [1, 2].map(() => client(`puts Paint.perform_async(${HOLD})`))
    const victim = await node(program('worker'), { concurrency: 2 })
    for (const id of ids) await victim.runs(id)
    const keeps = client('puts Paint.perform_async({ "do" => "hold" })')
    const living = await node(program('worker'), { concurrency: 1 })
    await living.runs(keeps)
    await victim.kill()
    const before = await held(victim.identity)
    const kept = await held(living.identity)
    await age(victim.identity)

    const cleaner = await ruby({ concurrency: 2, cleans: true })
    await log.until(() => ids.every((id) => log.ids('done').has(id)))
    expect(new Set(log.lines('done').map(({ by }) => by))).toEqual(new Set([cleaner.identity]))
    expect(before).toHaveLength(2)
    expect(await held(victim.identity)).toEqual([])
    // Its own recovery finds nothing left, and counts nothing again.
    expect(await queue.recover({ identity: victim.identity, cause: 'crash' })).toEqual({
      recovered: [],
    })
    expect(await held(living.identity)).toEqual(kept)
    expect(await membersOf(raw, 'queue:default')).toEqual([])
    living.tell({ finish: keeps })
    await log.until(() => log.ids('completed').has(keeps))
    expect(log.lines('fenced')).toEqual([])
  })

  it("is put into quarantine by Ruby's cleanup after its last interruption", async () => {
    const { client, ruby, node, log, held, age, queue, raw } = await rubyFleet()
    const fields = `"class" => "Paint", "args" => [{ "do" => "hold" }], "interrupted_count" => 2`
    const id = client(`puts Sidekiq::Client.push(${fields})`)
    const victim = await node(program('worker'))
    await victim.runs(id)
    await victim.kill()
    const [before = ''] = await held(victim.identity)
    await age(victim.identity)
    await ruby({ cleans: true })
    await untilTrue(async () => (await membersOf(raw, 'interrupted')).length === 1)
    expect((await membersOf(raw, 'interrupted')).map(String)).toEqual([interruptedByRuby(before)])
    expect(await queue.quarantine.list()).toMatchObject([{ id, interruptions: 3, blamed: 3 }])
    expect(log.ids('done')).toEqual(new Set())
  })
})
