import { describe, expect, it } from 'vitest'
import { readPressureRequest } from '../../src/sources/pressure-request.ts'
import { parseTrigger } from '../../src/sources/trigger-text.ts'

const FILE = '/sys/fs/cgroup/system.slice/worker.service/memory.pressure'
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const read = (watch: string | undefined, write?: string) =>
  readPressureRequest({ MEMORY_PRESSURE_WATCH: watch, MEMORY_PRESSURE_WRITE: write })

describe('what systemd asks for', () => {
  it('is nothing when the variable is not set', () => {
    expect(readPressureRequest({})).toEqual({ kind: 'none' })
    expect(read(undefined, base64('some 1 2\0'))).toEqual({ kind: 'none' })
  })

  it.each(['', '/dev/null'])('is to leave pressure alone when it is %j', (watch) => {
    expect(read(watch)).toEqual({ kind: 'off' })
    expect(read(watch, base64('some 1 2\0'))).toEqual({ kind: 'off' })
    expect(read(watch, '!')).toEqual({ kind: 'off' })
  })

  it.each([
    ['relative', 'memory.pressure'],
    ['relative to here', './memory.pressure'],
    ['with `..`', '/sys/fs/cgroup/../secret'],
    ['with `.`', '/sys/./fs'],
    ['with an empty name', '/sys//fs'],
    ['with a blank before it', ' /sys/fs'],
  ])('is refused when the path is %s', (_case, watch) => {
    expect(read(watch)).toEqual({
      kind: 'invalid',
      sentence: `$MEMORY_PRESSURE_WATCH is ${JSON.stringify(watch)}: systemd sets an absolute path without \`.\` and \`..\`.`,
    })
  })

  it.each([
    ['a file of a cgroup', FILE],
    ['a file of procfs', '/proc/pressure/memory'],
    ['a FIFO', '/run/worker/pressure'],
    ['a name with dots', '/run/..worker/a..b'],
  ])('is to watch %s', (_case, path) => {
    expect(read(path)).toEqual({ kind: 'watch', path })
  })

  it.each([undefined, ''])('is to write nothing when the other variable is %j', (write) => {
    expect(read(FILE, write)).toEqual({ kind: 'watch', path: FILE })
  })

  it('is to write exactly the bytes that are given, with NUL at the end', () => {
    // `base64(1)` of `some 123000 2000000` and a NUL.
    const request = read(FILE, 'c29tZSAxMjMwMDAgMjAwMDAwMAA=')
    expect(request).toEqual({
      kind: 'watch',
      path: FILE,
      write: Buffer.from('some 123000 2000000\0', 'latin1'),
    })
    if (request.kind !== 'watch') throw new Error('not asked to watch')
    expect(parseTrigger(request.write!)).toEqual({
      type: 'some',
      thresholdMs: 123,
      windowMs: 2000,
    })
  })

  it.each([
    ['NULs inside', 'a\0b\0\0c'],
    ['every byte', String.fromCodePoint(...Array.from({ length: 256 }, (_, byte) => byte))],
    ['one byte', 'x'],
    ['two bytes', 'xy'],
    ['three bytes', 'xyz'],
  ])('may be to write any bytes: %s', (_case, text) => {
    expect(read(FILE, base64(text))).toEqual({
      kind: 'watch',
      path: FILE,
      write: Buffer.from(text, 'latin1'),
    })
  })

  it.each([
    ['other characters', 'c29t!SAx'],
    ['a blank', 'c29t ZSA='],
    ['a line end', 'c29tZQ==\n'],
    ['no padding', 'c29tZQ'],
    ['too much padding', 'c29t===='],
    ['padding inside', 'c2=tZQ=='],
    ['the alphabet for addresses', 'c2_-'],
    ['padding alone', '===='],
  ])('is refused when the bytes are not in Base64: %s', (_case, write) => {
    expect(read(FILE, write)).toEqual({
      kind: 'invalid',
      sentence: '$MEMORY_PRESSURE_WRITE is not in Base64.',
    })
  })
})
