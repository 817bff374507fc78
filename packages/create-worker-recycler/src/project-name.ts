import { isBuiltin } from 'node:module'

const SEGMENT = /^[a-z0-9][a-z0-9._-]*$/

/** What is wrong with it as the name of a package, in a few words; undefined when nothing is. */
export function nameFault(name: string): string | undefined {
  if (name.length > 214) return 'is longer than 214 characters'
  const [, scope, bare = name] = /^@([^/]*)\/(.*)$/s.exec(name) ?? []
  if (![scope ?? 'none', bare].every((part) => SEGMENT.test(part))) {
    return 'is no npm name: lower-case letters, digits, and - . _ inside, such as my-workers or @acme/my-workers'
  }
  if (bare === 'node_modules' || bare === 'favicon.ico') return 'is a name that npm refuses'
  if (scope === undefined && isBuiltin(name)) return 'is the name of a module of Node.js'
  return undefined
}

/** The nearest npm name to that of a directory; empty where there is none. */
export function nameFrom(directoryName: string): string {
  return directoryName
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .replace(/[^a-z0-9]+$/, '')
    .slice(0, 214)
}

/** The name that a unit, a system user and a directory below /opt can have. */
export function serviceName(name: string): string {
  const bare = name.replace(/^@[^/]*\//, '').replaceAll(/[^a-z0-9-]+/g, '-')
  const plain = /^[a-z]/.test(bare) ? bare : `worker-${bare}`
  // As long as a user's name may be.
  return plain.slice(0, 31).replace(/-+$/, '')
}
