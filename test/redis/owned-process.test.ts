import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bundledPrograms } from '../bundle.ts'
import { startOwned } from './owned-process.ts'
import { connectRaw } from './raw-redis.ts'
import { withoutRedis } from './redis-binary.ts'

const reason = withoutRedis()

describe.skipIf(reason)(`a server${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const source = fileURLToPath(new URL('fixtures/server-owner.ts', import.meta.url))
  const program = bundledPrograms({ 'server-owner': source })

  const own = async () => {
    const dir = mkdtempSync(join(tmpdir(), 'worker-recycler-redis-'))
    const args = [program('server-owner'), dir]
    const owner = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => {
      owner.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    })
    const [port] = (await once(createInterface({ input: owner.stdout }), 'line')) as [string]
    return { owner, raw: await connectRaw({ port: Number(port) }) }
  }

  it('dies with the process that started it', async () => {
    const { owner, raw } = await own()
    expect(await raw.text('PING')).toBe('PONG')
    owner.stdin.write('exit\n')
    await raw.closed
  })

  it.skipIf(process.platform !== 'linux')('dies also when that one is killed', async () => {
    const { owner, raw } = await own()
    expect(await raw.text('PING')).toBe('PONG')
    owner.kill('SIGKILL')
    await raw.closed
  })
})

describe('a program', () => {
  it('tells what it printed before it ended', async () => {
    const program = await startOwned(process.execPath, ['-e', 'console.log("a\\nb")'])
    expect(await program.untilLine(/b/)).toBe('b')
    expect(await program.exited).toEqual({ code: 0, signal: null })
    expect(program.lines).toEqual(['a', 'b'])
    await expect(program.untilLine(/c/)).rejects.toThrow('ended (0) before /c/:\na\nb')
  })

  it('that is not there is an error', async () => {
    const said = startOwned('/nowhere/program', []).then((program) => program.untilLine(/ready/))
    await expect(said).rejects.toThrow('/nowhere/program')
  })
})
