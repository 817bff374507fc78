import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readLedgerFile, saveLedgerFile } from '../../src/ledger/ledger-file.ts'
import { ledgerOf } from './ledger-of.ts'

const options = { signal: new AbortController().signal }
const dir = await mkdtemp(join(tmpdir(), 'ledger-'))
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('the ledger file', () => {
  it('is read as it was saved, by its owner alone, and leaves no draft', async () => {
    const path = join(dir, 'a', 'b', 'ledger.json')
    await saveLedgerFile(path, ledgerOf({ identity: 'a:1:abcdef' }), options)
    await saveLedgerFile(path, ledgerOf({ identity: 'a:2:abcdef' }), options)
    expect(await readLedgerFile(path, options)).toEqual(ledgerOf({ identity: 'a:2:abcdef' }))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(join(dir, 'a', 'b'))).toEqual(['ledger.json'])
  })

  it('stays as it was, without a draft, when a new one cannot be put in its place', async () => {
    const path = join(dir, 'taken')
    await saveLedgerFile(join(path, 'inner'), ledgerOf(), options)
    await expect(saveLedgerFile(path, ledgerOf(), options)).rejects.toMatchObject({
      code: 'EISDIR',
    })
    expect((await readdir(dir)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('is not written once its time is over', async () => {
    const path = join(dir, 'late.json')
    const signal = AbortSignal.abort(new Error('late'))
    await expect(saveLedgerFile(path, ledgerOf(), { signal })).rejects.toThrow('late')
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('may not be there', async () => {
    expect(await readLedgerFile(join(dir, 'none.json'), options)).toBeUndefined()
    expect(await readLedgerFile(join(dir, 'none', 'none.json'), options)).toBeUndefined()
  })

  const whole = JSON.stringify(ledgerOf())
  const BROKEN: Readonly<Record<string, string>> = {
    'is empty': '',
    'is torn': whole.slice(0, whole.length / 2),
    'is no JSON': 'hello',
    'is null': 'null',
    'is a list': '[]',
    'is of another version': JSON.stringify({ ...ledgerOf(), version: 2 }),
    'has no identity': JSON.stringify({ ...ledgerOf(), identity: 7 }),
    'leaves in an unknown way': JSON.stringify({ ...ledgerOf(), leaving: 'never' }),
    'has recycles that are none': JSON.stringify({ ...ledgerOf(), recycles: [{}] }),
  }
  for (const [what, text] of Object.entries(BROKEN)) {
    it(`is refused by a sentence that names it when it ${what}`, async () => {
      const path = join(dir, 'broken.json')
      await writeFile(path, text)
      await expect(readLedgerFile(path, options)).rejects.toThrow(
        `Expected ${path} to be a ledger of version 1`,
      )
    })
  }

  it('may be impossible to read', async () => {
    await expect(readLedgerFile(dir, options)).rejects.toMatchObject({ code: 'EISDIR' })
  })

  it('is one line of JSON, for people with a pager', async () => {
    const path = join(dir, 'line.json')
    await saveLedgerFile(path, ledgerOf(), options)
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(2)
  })
})
