import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { ExampleRun, ExampleScene } from './example-runs.ts'
import { messageOf } from './message-of.ts'
import type { Project } from './project.ts'

/** Between two looks at what it has done. */
const LOOK_MS = 50
/** After which an example has failed. */
const LIMIT_MS = 60_000

/** Runs a compiled example until it has done its work, and asks it to stop; says how it ended. */
export async function runExample(
  { scene, end }: ExampleRun,
  cwd: string,
  project: Project,
): Promise<string> {
  const { edits, done, close } = await scene()
  try {
    edit(join(cwd, 'main.js'), edits)
    const how = await runUntil(done, cwd, project)
    if (how !== end) throw new Error(`ended with ${how}, not ${end}, at its stop request`)
    return `did its work, ended with ${how}`
  } finally {
    await close?.()
  }
}

function edit(path: string, edits: ExampleScene['edits']): void {
  let code = readFileSync(path, 'utf8')
  for (const [from, to] of edits) {
    if (!code.includes(from)) throw new Error(`There is no ${from} in ${path}`)
    code = code.replaceAll(from, to)
  }
  writeFileSync(path, code)
}

async function runUntil(
  done: ExampleScene['done'],
  cwd: string,
  { node, signal: stopped }: Project,
): Promise<number | string | null> {
  const child = spawn('node', ['main.js'], {
    cwd,
    env: node.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const heard: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => heard.push(text))
  }
  const ended = new Promise<number | string | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) => resolve(exitCode ?? signal))
  })
  const running = () => child.exitCode === null && child.signalCode === null
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(LIMIT_MS)])
  try {
    while (running() && !(await done(heard.join(''), cwd))) {
      await wait(LOOK_MS, undefined, { signal })
    }
    if (!running()) throw new Error(`ended with ${await ended} before it was done`)
    child.kill('SIGTERM')
    return await Promise.race([ended, wait(LIMIT_MS, 'nothing', { signal, ref: false })])
  } catch (error) {
    throw new Error(`${messageOf(error)}:\n${heard.join('')}`, {
      cause: error,
    })
  } finally {
    child.kill('SIGKILL')
  }
}
