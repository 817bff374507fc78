import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { RecyclerError, type RecyclerErrorCode } from '@worker-recycler/core'
import type { SystemdHost, SystemdHostOptions } from '../../../src/index.ts'
import type { Answer, Methods, Question } from '../../fixtures/host-agent.ts'
import { NODE, PROGRAMS } from './booted-container.ts'
import { INSIDE, type Container } from './container.ts'

type Rest<T> = T extends (host: SystemdHost, ...rest: infer R) => unknown ? R : never

/** A `systemdHost` that runs in the container. */
export type RemoteHost = {
  readonly [M in keyof Methods]: (
    ...args: Rest<Methods[M]>
  ) => Promise<Awaited<ReturnType<Methods[M]>>>
} & { readonly stop: () => Promise<void> }

/** Starts a program in the container that asks the real manager there, as root or as another user. */
export async function startHost(
  container: Container,
  options: SystemdHostOptions = {},
  prefix: readonly string[] = [],
): Promise<RemoteHost> {
  const [program, args] = container.command([
    ...prefix,
    NODE,
    `${PROGRAMS.plain}/host-agent.mjs`,
    JSON.stringify(options),
  ])
  const child = spawn(program, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Plans hold maps, and limits that are infinite.
    serialization: 'advanced',
    env: INSIDE,
  })
  await once(child, 'spawn')
  const exited = once(child, 'exit')
  const waiting = new Map<number, (answer: Answer) => void>()
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer))
  let asked = 0
  const ask = async (method: Question['method'], given: readonly unknown[]) => {
    asked += 1
    const id = asked
    const answer = await new Promise<Answer>((resolve, reject) => {
      waiting.set(id, resolve)
      void exited.then(() => reject(new Error('the program in the container has ended')))
      child.send({ id, method, args: given } satisfies Question)
    })
    if (!('error' in answer)) return answer.value
    const { code, message } = answer.error
    throw code === undefined
      ? new Error(message)
      : new RecyclerError(code as RecyclerErrorCode, message)
  }
  const methodOf =
    (method: Question['method']) =>
    (...given: readonly unknown[]) =>
      ask(method, given)
  return {
    plan: methodOf('plan'),
    apply: methodOf('apply'),
    verify: methodOf('verify'),
    takeBack: methodOf('takeBack'),
    status: methodOf('status'),
    explain: methodOf('explain'),
    stop: async () => {
      child.disconnect()
      await exited
    },
  } as RemoteHost
}
