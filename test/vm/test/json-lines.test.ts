import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jsonLines } from '../guest/json-lines.ts'

describe('jsonLines', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'worker-recycler-lines-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  it('gives nothing of a file that is not there yet', () => {
    expect(jsonLines(join(folder, 'none'))()).toEqual([])
  })

  it('gives all lines so far, but none before its end is written, and no other words', () => {
    const path = join(folder, 'grows')
    const lines = jsonLines(path)
    appendFileSync(path, '{"a":1}\nWarning: words\n{"b"')
    expect(lines()).toEqual([{ a: 1 }])
    appendFileSync(path, ':2}\n{"c":3}\n')
    expect(lines()).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
    expect(lines()).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
  })
})
