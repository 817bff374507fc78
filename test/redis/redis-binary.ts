import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const VARIABLE = 'WORKER_RECYCLER_REDIS_SERVER'

/** The path of a program: the first of that name in PATH that may be run. */
export function programPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find(canRun)
}

/**
 * The server to test against: the path in WORKER_RECYCLER_REDIS_SERVER, of another redis-server or of
 * a valkey-server, else the redis-server in PATH.
 */
export function redisBinary(): string {
  const reason = withoutRedis()
  if (reason !== undefined) throw new Error(reason)
  return process.env[VARIABLE] ?? programPath('redis-server') ?? ''
}

/** Why there is no server to test against, for the title of what is skipped; undefined when there is. */
export function withoutRedis(): string | undefined {
  const chosen = process.env[VARIABLE]
  if (chosen !== undefined) {
    return canRun(chosen) ? undefined : `${VARIABLE} names ${chosen}, which cannot be run`
  }
  return programPath('redis-server') === undefined ? 'redis-server is not installed' : undefined
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
