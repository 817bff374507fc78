import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import manifest from '../package.json' with { type: 'json' }
import { run } from './kit/command.ts'
import { scratchDirectory } from './kit/scratch-directory.ts'

const scratch = scratchDirectory()
afterAll(scratch.remove)

/** An empty directory to stand in. */
function folder(name: string): string {
  const path = join(scratch.path, name)
  mkdirSync(path)
  return path
}

const all = ['--queue', 'files', '--host', 'none'] as const

describe('the command', () => {
  it('prints its help and its version', async () => {
    const cwd = folder('help')
    expect(await run(cwd, '--help')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Usage: npm create worker-recycler@latest/) as string,
    })
    expect(await run(cwd, '-v')).toEqual({ code: 0, out: `${manifest.version}\n`, errors: '' })
    expect(readdirSync(cwd)).toEqual([])
  })

  it('takes defaults with --yes, and says what to do next', async () => {
    const cwd = folder('defaults')
    const { code, out, errors } = await run(cwd, '--yes')
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toContain('cd my-workers\n')
    expect(readdirSync(cwd)).toEqual(['my-workers'])
    expect(readdirSync(join(cwd, 'my-workers'))).toContain('package.json')
  })

  it('tells in JSON what it wrote, which is all that is there', async () => {
    const cwd = folder('json')
    const { out } = await run(cwd, '--yes', '--name', '@acme/mailer', '--queue', 'redis', '--json')
    const report = JSON.parse(out) as { directory: string; files: string[] }
    expect(report).toMatchObject({ name: '@acme/mailer', queue: 'redis', host: 'none' })
    expect(report.directory).toBe(join(cwd, 'mailer'))
    const entries = readdirSync(report.directory, { recursive: true, encoding: 'utf8' })
    const files = entries.filter((path) => statSync(join(report.directory, path)).isFile())
    expect(files.toSorted()).toEqual(report.files.toSorted())
    const text = readFileSync(join(report.directory, 'package.json'), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ name: '@acme/mailer', private: true })
  })

  it('makes the directories above, and names the project after its own', async () => {
    const cwd = folder('deep')
    expect(await run(cwd, 'a/b/My App', ...all)).toMatchObject({ code: 0 })
    expect(readFileSync(join(cwd, 'a/b/My App/package.json'), 'utf8')).toContain('"my-app"')
    expect(readdirSync(join(cwd, 'a/b'))).toEqual(['My App'])
  })

  it('writes into the directory where it stands, which stays the same one', async () => {
    const cwd = folder('here')
    const before = statSync(cwd).ino
    expect(await run(cwd, '.', ...all)).toMatchObject({ code: 0 })
    expect(statSync(cwd).ino).toBe(before)
    expect(readdirSync(cwd)).toContain('.gitignore')
    expect(readdirSync(cwd).filter((name) => name.startsWith('.create'))).toEqual([])
  })
})

describe('it refuses', () => {
  it('a directory that is not empty, and leaves it as it is', async () => {
    const cwd = folder('taken')
    writeFileSync(join(cwd, 'notes.txt'), 'mine')
    const { code, out, errors } = await run(cwd, '.', '--yes')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(errors).toMatch(/^create-worker-recycler: .* is not empty: choose another directory/)
    expect(readdirSync(cwd)).toEqual(['notes.txt'])
    expect(readFileSync(join(cwd, 'notes.txt'), 'utf8')).toBe('mine')
  })

  it('a file, what lies below a file, and a link that leads nowhere', async () => {
    const cwd = folder('file')
    writeFileSync(join(cwd, 'notes'), '')
    symlinkSync('nowhere', join(cwd, 'link'))
    for (const path of ['notes', 'notes/below', 'link']) {
      expect(await run(cwd, path, '--yes'), path).toMatchObject({ code: 1, out: '' })
    }
    expect(readdirSync(cwd).toSorted()).toEqual(['link', 'notes'])
  })

  it('to guess where nobody can be asked', async () => {
    const cwd = folder('silent')
    const { code, errors } = await run(cwd, 'app', '--queue', 'redis')
    expect(code).toBe(2)
    expect(errors).toContain('no terminal to ask in: give --host, or --yes for the defaults')
    expect((await run(cwd)).errors).toContain('give DIRECTORY, --queue, --host')
    expect(readdirSync(cwd)).toEqual([])
  })

  it.for([
    [['--queue', 'kafka'], '--queue is one of bullmq, redis, files, not "kafka"'],
    [['--host', ''], '--host is one of systemd, container, none, not ""'],
    [['--colour'], "Unknown option '--colour'"],
    [['one', 'two'], 'One directory, not 2'],
    [['--name', '../../etc'], '"../../etc" is no npm name'],
    [['--name', 'fs'], '"fs" is the name of a module of Node.js'],
    [['', ...all], '"" is no directory'],
    [['___', ...all], 'give a --name'],
  ] as const)('%j as a mistake', async ([args, sentence]) => {
    const { code, out, errors } = await run(scratch.path, ...args, '--yes')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(errors).toContain(sentence)
    expect(errors.trim().split('\n')).toHaveLength(1)
  })
})
