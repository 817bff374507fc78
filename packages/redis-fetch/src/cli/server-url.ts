import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandContext } from './command.ts'
import { Mistake } from './mistake.ts'
import { readSecretFile } from './secret-file.ts'

/** Parameters of a URL by which ioredis takes passwords, too. */
const PASSWORDS = ['password', 'sentinelPassword']

/**
 * The URL of the server: from the command line, a file, or the environment, the more specific before
 * the more general; undefined when none is given. Hides its password.
 */
export function readServerUrl(
  context: Pick<CommandContext, 'values' | 'env' | 'output'>,
): URL | undefined {
  const found = findUrl(context)
  if (!found) return undefined
  const url = parse(found.text)
  // A URL that does not parse may hold a password: it is not repeated.
  if (!url) throw new Mistake(`${found.from} is no URL such as redis://redis-1:6379/0`)
  for (const password of passwordsOf(url)) context.output.hide(password)
  return url
}

function findUrl({
  values,
  env,
}: Pick<CommandContext, 'values' | 'env'>): { text: string; from: string } | undefined {
  const { url, 'url-file': file } = values
  if (url !== undefined) {
    if (holdsPassword(url)) {
      throw new Mistake(
        '--url holds a password, which everybody on this host can read in the list of processes: put the URL into a file and give --url-file FILE, or into the environment variable REDIS_URL',
      )
    }
    return { text: url, from: '--url' }
  }
  if (file !== undefined) return fromFile('--url-file', file)
  const own = env['WORKER_RECYCLER_REDIS_URL']
  if (own) return { text: own, from: 'WORKER_RECYCLER_REDIS_URL' }
  const credential = join(env['CREDENTIALS_DIRECTORY'] ?? '', 'redis-url')
  if (env['CREDENTIALS_DIRECTORY'] && existsSync(credential)) {
    return fromFile('The credential redis-url', credential)
  }
  const general = env['REDIS_URL']
  return general ? { text: general, from: 'REDIS_URL' } : undefined
}

function fromFile(from: string, path: string): { text: string; from: string } {
  return { text: readSecretFile(from, path, holdsPassword), from: `What ${path} holds` }
}

function holdsPassword(text: string): boolean {
  const url = parse(text)
  // What cannot be read might be anything.
  return url ? passwordsOf(url).length > 0 : text.includes('@')
}

function passwordsOf(url: URL): string[] {
  const inQuery = PASSWORDS.map((name) => url.searchParams.get(name) ?? '')
  return [decoded(url.password), ...inQuery].filter((password) => password !== '')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function parse(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url && /^rediss?:$/.test(url.protocol) ? url : undefined
}
