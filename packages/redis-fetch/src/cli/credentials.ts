import type { CommandContext } from './command.ts'
import { readSecretFile } from './secret-file.ts'

/** As whom to connect. */
export interface Credentials {
  readonly username?: string
  readonly password?: string
}

/** User and password besides a URL: `--password-file`, else the environment. Hides what it finds. */
export function readCredentials(
  { values, env, output }: Pick<CommandContext, 'values' | 'env' | 'output'>,
  variables: 'REDIS' | 'REDIS_SENTINEL' = 'REDIS',
): Credentials {
  const file = variables === 'REDIS' ? values['password-file'] : undefined
  const username = env[`${variables}_USERNAME`]
  const password =
    file === undefined
      ? env[`${variables}_PASSWORD`]
      : readSecretFile('--password-file', file, () => true)
  output.hide(password ?? '')
  return { ...(username && { username }), ...(password && { password }) }
}
