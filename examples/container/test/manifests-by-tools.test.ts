import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { programPath } from '../../../test/redis/redis-binary.ts'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('..', import.meta.url))

/** How Compose is called here: `docker compose`, or the older program of its own. */
async function findCompose(): Promise<readonly [string, ...string[]] | undefined> {
  for (const command of [['docker', 'compose'], ['docker-compose']] as const) {
    const [program, ...args] = command
    try {
      await run(program, [...args, 'version'])
      return command
    } catch {
      // Not this one.
    }
  }
  return undefined
}

const compose = await findCompose()
const noCompose = compose ? undefined : 'Docker Compose is not installed'
const noKubectl = programPath('kubectl') ? undefined : 'kubectl is not installed'
const because = (reason: string | undefined) => (reason ? ` (skipped: ${reason})` : '')

describe.skipIf(noCompose)(`Docker Compose${because(noCompose)}`, () => {
  const [program, ...args] = compose ?? ['docker']
  /** Checks a copy, as a user has one; its folder is the project's name. */
  const check = async (change: (text: string) => string): Promise<unknown> => {
    const copy = mkdtempSync(join(tmpdir(), 'worker-recycler-compose-'))
    onTestFinished(() => rmSync(copy, { recursive: true }))
    copyFileSync(join(folder, 'Dockerfile'), join(copy, 'Dockerfile'))
    const text = readFileSync(join(folder, 'compose.yaml'), 'utf8')
    writeFileSync(join(copy, 'compose.yaml'), change(text))
    const { stdout } = await run(program, [...args, '-f', join(copy, 'compose.yaml'), 'config'])
    return parseAllDocuments(stdout)[0]?.toJS()
  }

  it('accepts compose.yaml', async () => {
    const config = await check((text) => text)
    expect(config).toMatchObject({
      services: { worker: { hostname: 'worker-1', read_only: true }, redis: {} },
    })
  })

  it('would refuse a key that it does not know', async () => {
    const misspelt = check((text) => text.replace('stop_grace_period', 'stop_grace'))
    await expect(misspelt).rejects.toThrow('stop_grace')
  })
})

describe.skipIf(noKubectl)(`kubectl${because(noKubectl)}`, () => {
  /** Has kubectl read a resource into its types, and print it; a key that it does not know is lost. */
  const passThrough = async (text: string, ...args: string[]): Promise<unknown> => {
    const child = run('kubectl', ['set', ...args, '--local', '-f', '-', '-o', 'json'])
    child.child.stdin?.end(text)
    return JSON.parse((await child).stdout)
  }
  const file = readFileSync(join(folder, 'kubernetes.yaml'), 'utf8')
  const [service = '', set = ''] = file.split('\n---\n')
  /** As it is after the change that kubectl is asked for: without one it prints nothing. */
  const asChanged = (text: string) =>
    parseAllDocuments(text.replace('image: resizer:1', 'image: resizer:2'))[0]?.toJS() as object
  const readSet = (text: string) => passThrough(text, 'image', 'worker=resizer:2')

  it('reads every key of the StatefulSet', async () => {
    expect(await readSet(set)).toMatchObject(asChanged(set))
  })

  it('reads every key of the service', async () => {
    const read = await passThrough(service, 'selector', 'app=resizer,a=b')
    expect(read).toMatchObject(asChanged(service))
  })

  it('would lose a key that it does not know, and refuse a wrong type', async () => {
    const misspelt = set.replace('terminationGracePeriodSeconds', 'terminationGraceSeconds')
    expect(await readSet(misspelt)).not.toMatchObject(asChanged(misspelt))
    const wrong = set.replace('replicas: 2', 'replicas: two')
    await expect(readSet(wrong)).rejects.toThrow('replicas')
  })
})
