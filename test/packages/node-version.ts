import { tmpdir } from 'node:os'
import { dirname, delimiter } from 'node:path'
import { cleanEnvironment, must } from './command.ts'

/** A version of Node.js that is on this machine. */
export interface NodeVersion {
  /** As it was asked for. */
  readonly asked: string
  /** Such as `v22.21.1`. */
  readonly version: string
  /** An environment in which `node` is this one, for npm and commands too. */
  readonly env: NodeJS.ProcessEnv
}

/** The Node.js of this version: the one that runs this where that fits, else one from the registry. */
export async function nodeVersion(asked: string, signal: AbortSignal): Promise<NodeVersion> {
  const here = asked === 'current' || `${process.version}.`.startsWith(`v${asked}.`)
  const fetched = here ? [] : ['npx', '--yes', '--package', `node@${asked}`, '--']
  const ask = [...fetched, here ? process.execPath : 'node', '-p']
  const said = await must([...ask, 'process.version + " " + process.execPath'], {
    cwd: tmpdir(),
    signal,
  })
  const [version = '', path = ''] = said.stdout.trim().split(/ (.*)/)
  const env = cleanEnvironment()
  return {
    asked,
    version,
    env: { ...env, PATH: `${dirname(path)}${delimiter}${env['PATH'] ?? ''}` },
  }
}
