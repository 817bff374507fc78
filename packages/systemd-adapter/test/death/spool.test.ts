import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import type { DeathRecord } from '../../src/death/death-record.ts'
import { deaths, readDeaths, reportTo } from '../../src/death/spool.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { hookIn } from './hook.ts'

const UNIT = 'worker@1.service'

/** A spool into which the real hook writes. */
function scene() {
  const directory = scratchDirectory()
  const spool = join(directory, 'deaths')
  const warned: string[] = []
  const run = hookIn(directory)
  return {
    spool,
    warned,
    logger: {
      ...silentLogger,
      warn: (fields: object, message: string) => {
        const { path = '', error } = fields as { readonly path?: string; readonly error?: unknown }
        warned.push(`${message}: ${path.replace(spool, '')} (${String(error)})`)
      },
    },
    die: (invocation: string, unit = UNIT) =>
      run({
        unit,
        spool,
        env: { INVOCATION_ID: invocation, EXIT_CODE: 'exited', EXIT_STATUS: '1' },
      }),
    write: (name: string, text: string, unit = UNIT) => {
      mkdirSync(join(spool, unit), { recursive: true })
      writeFileSync(join(spool, unit, name), text)
    },
  }
}

const CUT_OFF = 'unit=worker@1.service\ninvocation=ab\nresult=oom'

describe('readDeaths()', () => {
  it('tells of no end where there is no spool, nor where it is no directory', async () => {
    const { spool } = scene()
    expect(await readDeaths(UNIT, spool)).toEqual([])
    writeFileSync(spool, '')
    expect(await readDeaths(UNIT, spool)).toEqual([])
  })

  it('tells of the unit’s own ends alone, the oldest first', async () => {
    const { spool, die } = scene()
    for (const [at, invocation] of ['c1', 'a2', 'b3'].entries()) {
      await die(invocation)
      utimesSync(join(spool, UNIT, invocation), at, at)
    }
    await die('d4', 'worker@2.service')
    await die('e5', 'worker@.service')
    expect((await readDeaths(UNIT, spool)).map(({ invocation }) => invocation)).toEqual([
      'c1',
      'a2',
      'b3',
    ])
  })

  it('leaves out what is no record, and tells of each such file once', async () => {
    const { spool, die, write, logger, warned } = scene()
    await die('a1')
    write('b2', CUT_OFF)
    write('c3', '\0\0')
    write('.part', CUT_OFF)
    mkdirSync(join(spool, UNIT, 'd4'))
    symlinkSync('nowhere', join(spool, UNIT, 'e5'))
    const report = reportTo(logger)
    for (let times = 0; times < 2; times += 1) {
      expect(await readDeaths(UNIT, spool, report)).toMatchObject([{ invocation: 'a1' }])
    }
    const message = 'A death record cannot be read; it is left out'
    expect(warned.toSorted()).toEqual([
      `${message}: /${UNIT}/b2 (Error: It was cut off, or is no record)`,
      `${message}: /${UNIT}/c3 (Error: It was cut off, or is no record)`,
      `${message}: /${UNIT}/d4 (Error: EISDIR: illegal operation on a directory, read)`,
    ])
  })

  it.each(['..', '../etc', 'a/b.service', 'worker'])('refuses %j as a unit', async (unit) => {
    await expect(readDeaths(unit, scene().spool)).rejects.toThrow(TypeError)
  })
})

describe('deaths()', () => {
  it('yields those that are there, then those that come, in their order, until it is aborted', async () => {
    const { spool, die } = scene()
    await die('a1')
    const stop = new AbortController()
    const heard: string[] = []
    for await (const { invocation } of deaths(UNIT, { signal: stop.signal, spool })) {
      heard.push(invocation)
      if (heard.length === 1) await die('f2')
      if (heard.length === 2) {
        await die('b3')
        await die('c4', 'worker@2.service')
        await die('d5')
      }
      if (heard.length === 4) stop.abort()
    }
    expect(heard).toEqual(['a1', 'f2', 'b3', 'd5'])
  })

  it('hears of the first one of a unit whose directory it has made itself', async () => {
    const { spool, die } = scene()
    const stop = new AbortController()
    const stream = deaths(UNIT, { signal: stop.signal, spool })
    const first = stream.next()
    await die('a1')
    expect((await first).value).toMatchObject({ invocation: 'a1' })
    const none = stream.next()
    stop.abort()
    expect(await none).toEqual({ done: true, value: undefined })
  })

  it('yields each once, though its record is written again', async () => {
    const { spool, die } = scene()
    const stop = new AbortController()
    const heard: string[] = []
    await die('a1')
    for await (const { invocation } of deaths(UNIT, { signal: stop.signal, spool })) {
      heard.push(invocation)
      await die('a1')
      if (invocation === 'b2') stop.abort()
      else await die('b2')
    }
    expect(heard).toEqual(['a1', 'b2'])
  })

  it('goes on after what is no record, and tells of it once', async () => {
    const { spool, die, write, logger, warned } = scene()
    const stop = new AbortController()
    const heard: DeathRecord[] = []
    write('f0', CUT_OFF)
    await die('a1')
    for await (const record of deaths(UNIT, { signal: stop.signal, spool, logger })) {
      heard.push(record)
      if (heard.length < 3) await die(`b${heard.length}`)
      else stop.abort()
    }
    expect(heard.map(({ invocation }) => invocation)).toEqual(['a1', 'b1', 'b2'])
    expect(warned).toEqual([
      `A death record cannot be read; it is left out: /${UNIT}/f0 (Error: It was cut off, or is no record)`,
    ])
  })

  it('yields nothing where its signal has aborted already', async () => {
    const { spool, die } = scene()
    await die('a1')
    const stream = deaths(UNIT, { signal: AbortSignal.abort(), spool })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })
})
