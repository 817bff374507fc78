import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import { CHANNEL_PREFIX, type RecyclerEvents } from '../../src/events.ts'
import type { Logger } from '../../src/logger.ts'
import { working } from './bench.ts'
import { pressing } from './pressing.ts'

interface Line {
  readonly level: string
  readonly message: string
  readonly fields: Record<string, unknown>
}

function recordingLogger() {
  const lines: Line[] = []
  const method = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields: { ...fields } })
  const logger: Logger = {
    debug: method('debug'),
    info: method('info'),
    warn: method('warn'),
    error: method('error'),
  }
  return { lines, logger }
}

describe('events', () => {
  it('are mirrored on diagnostics_channel, with the identity of the worker', async () => {
    const { recycler, heard, reach } = await working(['endless'])
    const messages: Record<string, unknown>[] = []
    const NAMES: readonly (keyof RecyclerEvents)[] = ['leaving:started', 'job:handed-back']
    const listener = (message: unknown) => void messages.push({ ...Object(message) })
    for (const name of NAMES) subscribe(CHANNEL_PREFIX + name, listener)
    void recycler.recycle()
    await reach('exited', 50)
    for (const name of NAMES) unsubscribe(CHANNEL_PREFIX + name, listener)
    const events = heard.filter(({ name }) => NAMES.includes(name)).map(({ event }) => event)
    expect(messages).toEqual(events.map((event) => ({ identity: recycler.identity, ...event })))
    expect(messages).toHaveLength(2)
  })

  it('are heard once by `once`, and no more after `off`', async () => {
    const { recycler } = await working()
    const seen: string[] = []
    const off = () => seen.push('off')
    recycler.once('phase:changed', ({ to }) => seen.push(to))
    recycler.on('phase:changed', off)
    recycler.off('phase:changed', off)
    await recycler.stop()
    expect(seen).toEqual(['quiescing'])
  })

  it('tell of every reading', async () => {
    const { press, recycler } = await pressing()
    const used: unknown[] = []
    recycler.on('reading:taken', ({ reading }) => used.push(reading.usedBytes))
    await press(100)
    await press(200)
    expect(used).toEqual([100, 200])
  })
})

describe('the logger', () => {
  it('gets one line for each event that an operator should find, with its level', async () => {
    const { lines, logger } = recordingLogger()
    const { press, recycler, reach, monitor } = await pressing(['endless'], { logger })
    const error = new Error('no such file')
    await press(850)
    monitor.end(error)
    await reach('exited', 50)
    const told = lines.filter(({ level }) => level !== 'debug')
    expect(told.map(({ level, fields }) => `${level} ${String(fields['event'])}`)).toEqual([
      'info worker:started',
      'info verdict:reached',
      'warn recycle:requested',
      'info leaving:started',
      'warn monitor:failed',
      'info verdict:reached',
      'info job:handed-back',
      'info worker:stopped',
    ])
    expect(new Set(lines.map(({ fields }) => fields['identity']))).toEqual(
      new Set([recycler.identity]),
    )
    const failed = lines.find(({ fields }) => fields['event'] === 'monitor:failed')
    // `err` is where pino looks for an error to serialize.
    expect(failed?.fields).toMatchObject({ monitor: 'hand', err: error })
    expect(failed?.fields).not.toHaveProperty('error')
  })

  it('that throws stops nobody', async () => {
    const broken = () => {
      throw new Error('disk full')
    }
    const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken }
    const { recycler } = await working([], { logger })
    await recycler.stop()
    expect(recycler.phase).toBe('exited')
  })
})
