import bullmq from 'bullmq/package.json' with { type: 'json' }
import ioredis from 'ioredis/package.json' with { type: 'json' }
import typescript from 'typescript/package.json' with { type: 'json' }
import own from '../package.json' with { type: 'json' }

// All packages of the workspace are released with one version; of the others it is the one that the
// tests run with. The bundler writes both into the command.
const others: Readonly<Record<string, string>> = {
  // Of the oldest Node.js, so that no project uses what only a newer one has.
  '@types/node': own.engines.node.replace('>=', ''),
  bullmq: bullmq.version,
  ioredis: ioredis.version,
  typescript: typescript.version,
}

/** The version of this command. */
export const version: string = own.version

/** What a project needs to run on. */
export const nodeRange: string = own.engines.node

/** The range for a dependency of a project. */
export function rangeOf(name: string): string {
  return `^${others[name] ?? own.version}`
}
