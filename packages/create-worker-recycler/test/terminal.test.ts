import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { programPath } from '../../../test/redis/redis-binary.ts'
import { type RunningCommand, startInTerminal } from './kit/command.ts'
import { scratchDirectory } from './kit/scratch-directory.ts'

const noScript = programPath('script') ? '' : 'no script of util-linux'
const ENTER = '\r'
const DOWN = '\u001b[B'
const CTRL_C = '\u0003'
const scratch = scratchDirectory()
afterAll(scratch.remove)

function start(name: string, ...args: string[]): RunningCommand & { readonly cwd: string } {
  const cwd = join(scratch.path, name)
  mkdirSync(cwd)
  const started = startInTerminal(cwd, ...args)
  onTestFinished(() => void started.child.kill('SIGKILL'))
  return { ...started, cwd }
}

describe.skipIf(noScript)(`in a terminal${noScript ? ` (${noScript})` : ''}`, () => {
  it('asks for what is not given, and writes what was answered', async () => {
    const { child, until, ended, cwd } = start('asked')
    await until(/Where shall it be written\?/)
    child.stdin?.write(`mailer${ENTER}`)
    await until(/What does the application have/)
    child.stdin?.write(`${DOWN}${ENTER}`)
    await until(/Where will its workers run/)
    child.stdin?.write(`${DOWN}${DOWN}${ENTER}`)
    expect(await ended).toMatchObject({ code: 0 })
    const text = readFileSync(join(cwd, 'mailer/package.json'), 'utf8')
    const { dependencies } = JSON.parse(text) as { dependencies: object }
    expect(Object.keys(dependencies)).toContain('@worker-recycler/redis-fetch')
    expect(readdirSync(join(cwd, 'mailer'))).not.toContain('Dockerfile')
  })

  it('asks again for a directory that is taken', async () => {
    const { child, until, ended, cwd } = start('again', '--queue', 'files', '--host', 'none')
    mkdirSync(join(cwd, 'taken/inside'), { recursive: true })
    await until(/Where shall it be written\?/)
    child.stdin?.write(`taken${ENTER}`)
    await until(/is not empty/)
    child.stdin?.write(`-no${ENTER}`)
    expect(await ended).toMatchObject({ code: 0 })
    expect(readdirSync(cwd).toSorted()).toEqual(['taken', 'taken-no'])
  })

  it('is cancelled by Ctrl-C at any question, and leaves nothing', async () => {
    const { child, until, ended, cwd } = start('cancelled', 'mailer')
    await until(/What does the application have/)
    child.stdin?.write(CTRL_C)
    const { code, out } = await ended
    expect(code).toBe(130)
    expect(out).toContain('cancelled; nothing was written')
    expect(readdirSync(cwd)).toEqual([])
  })

  it('is cancelled by a stop request, and shows the cursor again', async () => {
    // The shell of script(1) hands its place to the command, so that this is its pid.
    const { until, ended, cwd, child } = start('stopped', 'mailer')
    await until(/What does the application have/)
    const pids = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
    process.kill(Number(pids.split(' ')[0]), 'SIGTERM')
    const { code, out } = await ended
    expect(code).toBe(143)
    expect(out.lastIndexOf('\u001b[?25h')).toBeGreaterThan(out.lastIndexOf('\u001b[?25l'))
    expect(readdirSync(cwd)).toEqual([])
  })
})
