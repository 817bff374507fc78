import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { type OwnedProcess, startOwned } from '../../../test/redis/owned-process.ts'
import { programPath, withoutRedis } from '../../../test/redis/redis-binary.ts'
import { sharedRedis } from '../../../test/redis/shared-redis.ts'
import { HOSTS, QUEUES } from '../src/choices.ts'
import { run, sources } from './kit/command.ts'
import { scratchDirectory } from './kit/scratch-directory.ts'

const JOBS = 12
const root = fileURLToPath(new URL('../../..', import.meta.url))
const bin = (name: string) => join(root, 'node_modules/.bin', name)
const noAnalyze = programPath('systemd-analyze') ? '' : 'no systemd-analyze'

interface Manifest {
  readonly name: string
  readonly scripts: Readonly<Record<string, string>>
}

describe.for(QUEUES)('a project on %s', (queue) => {
  const reason = queue === 'files' ? undefined : withoutRedis()
  const { raw, url } = sharedRedis()

  describe.for(HOSTS)('for %s', (host) => {
    const scratch = scratchDirectory()
    const project = join(scratch.path, 'sample')
    const files = new Map<string, string>()
    const manifest = () => JSON.parse(files.get('package.json') ?? '') as Manifest
    beforeAll(async () => {
      const written = await run(scratch.path, 'sample', '--queue', queue, '--host', host, '--json')
      expect(written).toMatchObject({ code: 0, errors: '' })
      const { files: paths } = JSON.parse(written.out) as { files: string[] }
      for (const path of paths) files.set(path, readFileSync(join(project, path), 'utf8'))
    })
    afterAll(scratch.remove)

    /** Starts what a script of package.json says, without npm in between. */
    async function start(script: string, ...args: string[]): Promise<OwnedProcess> {
      const [node, program = ''] = (manifest().scripts[script] ?? '').split(' ')
      expect(node).toBe('node')
      const env = { ...process.env, ...(queue !== 'files' && { REDIS_URL: url() }) }
      const command = [...sources, program, ...args]
      const started = await startOwned(process.execPath, command, { cwd: project, env })
      onTestFinished(async () => void (await started.kill()))
      return started
    }

    it('is formatted, and its types are right', { timeout: 120_000 }, () => {
      // All else is formatted where it lies, in templates/.
      for (const path of ['README.md', 'package.json']) {
        const input = files.get(path) ?? ''
        const options = ['-c', join(root, '.oxfmtrc.json'), `--stdin-filepath=${path}`]
        const formatted = execFileSync(bin('oxfmt'), options, { input, cwd: root })
        expect(input).toBe(String(formatted))
      }
      expect(manifest().scripts['typecheck']).toBe('tsc')
      const conditions = ['--customConditions', '@worker-recycler/source']
      const options = [...conditions, '--allowImportingTsExtensions']
      execFileSync(bin('tsc'), options, { cwd: project, stdio: 'pipe' })
    })

    it('names each package that it imports, with a range', () => {
      const { dependencies } = JSON.parse(files.get('package.json') ?? '') as {
        dependencies: Record<string, string>
      }
      const imported = [...files]
        .filter(([path]) => path.startsWith('src/'))
        .flatMap(([, text]) => [...text.matchAll(/from '([^.'][^']*)'/g)])
        .map(([, name = '']) => name)
        .filter((name) => !name.startsWith('node:'))
      // The client is a peer of what speaks with Redis.
      const needed = new Set([...imported, ...(queue === 'files' ? [] : ['ioredis'])])
      expect(Object.keys(dependencies)).toEqual([...needed].toSorted())
      for (const range of Object.values(dependencies)) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/)
    })

    it.skipIf(reason)(
      `loses no job to a SIGKILL, and stops when it is asked to${reason ? ` (${reason})` : ''}`,
      { timeout: 120_000 },
      async () => {
        if (queue !== 'files') await raw().text('FLUSHALL')
        const supervisor = await start('start')
        for (const slot of [0, 1]) await supervisor.untilLine(new RegExp(`^worker ${slot} ready`))
        const producer = await start('produce', `${JOBS}`, '2000')
        expect(await producer.exited).toEqual({ code: 0, signal: null })
        expect(producer.lines).toEqual([`${JOBS} jobs are in the queue`])

        const begun = await supervisor.untilLine(/^ {2}\d+ {2}begins/)
        const pid = /\d+/.exec(begun)?.[0] ?? ''
        process.kill(Number(pid), 'SIGKILL')
        const notice = await supervisor.untilLine(/ is gone \(signal\): /)
        const [, gone, held = '0'] = /:(\d+):.*: (\d+) jobs put back$/.exec(notice) ?? []
        expect(gone).toBe(pid)
        expect(Number(held)).toBeGreaterThan(0)

        for (let job = 1; job <= JOBS; job += 1) {
          await supervisor.untilLine(new RegExp(`done {3}cat-${job}\\.png$`))
        }
        const again = supervisor.lines.filter((line) => line.endsWith(', run 2'))
        expect(again).toHaveLength(Number(held))
        expect(await supervisor.kill('SIGTERM')).toEqual({ code: 0, signal: null })
      },
    )

    const noUnit = host === 'systemd' ? noAnalyze : 'it has none'
    it.skipIf(noUnit)(`has a unit that systemd takes${noUnit ? ` (${noUnit})` : ''}`, () => {
      const unit = join(scratch.path, 'sample@1.service')
      copyFileSync(join(project, 'systemd/sample@.service'), unit)
      const text = readFileSync(unit, 'utf8')
      // Wherever this machine has it.
      writeFileSync(unit, text.replace('/usr/bin/node', process.execPath))
      execFileSync('systemd-analyze', ['verify', '--man=no', unit], { stdio: 'pipe' })
    })
  })
})
