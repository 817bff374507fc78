import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecyclerError } from '@worker-recycler/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { lockPath, withLock } from '../../src/host/lock.ts'
import { resolveSettings } from '../../src/host/settings.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'

const settings = () => resolveSettings({ root: scratchDirectory(), version: 252 })

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(isRecyclerError(error, 'PLAN_REFUSED')).toBe(true)
  return String(error)
}

describe('the lock', () => {
  it('is held while something is done, with the pid, and gone afterwards, also after a failure', async () => {
    const own = settings()
    const path = lockPath(own)
    const held = await withLock(own, async () => readFileSync(path, 'utf8'))
    expect(held).toBe(`${process.pid}\n`)
    await expect(withLock(own, () => Promise.reject(new Error('It fails')))).rejects.toThrow(
      'It fails',
    )
    expect(readdirSync(own.root)).toEqual([])
  })

  it('of another process is respected, and the refusal names that process', async () => {
    const own = settings()
    const other = spawn('sleep', ['1000'])
    onTestFinished(() => void other.kill())
    writeFileSync(lockPath(own), `${other.pid}\n`)
    const text = await refusal(withLock(own, async () => 'done'))
    expect(text).toContain(`process ${other.pid} is applying a plan`)
    expect(text).toContain(lockPath(own))
    expect(readdirSync(own.root)).toHaveLength(1)
  })

  it('refuses a second one of the same process', async () => {
    const own = settings()
    await withLock(own, async () => {
      expect(await refusal(withLock(own, async () => 'done'))).toContain(String(process.pid))
      expect(existsSync(lockPath(own))).toBe(true)
    })
  })

  it.each([
    ['of a process that is gone', `${spawnSync('true').pid}\n`],
    ['that says nothing', ''],
    ['that is no pid', '-1\n'],
  ])('%s is taken over', async (_, text) => {
    const own = settings()
    writeFileSync(lockPath(own), text)
    expect(await withLock(own, async () => 'done')).toBe('done')
    expect(readdirSync(own.root)).toEqual([])
  })

  it('is given to one only, of many who find it stale at once', async () => {
    const own = settings()
    writeFileSync(lockPath(own), `${spawnSync('true').pid}\n`)
    let inside = 0
    let most = 0
    const turns = Array.from({ length: 20 }, () =>
      withLock(own, async () => {
        inside += 1
        most = Math.max(most, inside)
        await new Promise((resolve) => setImmediate(resolve))
        inside -= 1
      }).then(
        () => true,
        () => false,
      ),
    )
    const ended = await Promise.all(turns)
    expect(ended).toContain(true)
    expect(most).toBe(1)
    expect(readdirSync(own.root)).toEqual([])
  })

  it('is taken over, too, where one was killed as it took it over', async () => {
    const own = settings()
    const gone = `${spawnSync('true').pid}\n`
    writeFileSync(lockPath(own), gone)
    writeFileSync(`${lockPath(own)}.turn`, gone)
    expect(await withLock(own, async () => 'done')).toBe('done')
    expect(readdirSync(own.root)).toEqual([])
  })

  it('of a user lies where that user may write', () => {
    const user = { home: '/home/ann', runtime: '/run/user/1000' }
    expect(lockPath(resolveSettings({ scope: 'user', user }))).toBe(
      join(user.runtime, 'worker-recycler.lock'),
    )
    expect(lockPath(resolveSettings({}))).toBe('/run/worker-recycler.lock')
  })
})
