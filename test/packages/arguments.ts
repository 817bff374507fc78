import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface Arguments {
  /** Versions of Node.js, such as `22` or `20.19.0`; `current` is the one that runs the command. */
  readonly nodes: readonly string[]
  readonly build: boolean
  readonly json: boolean
  readonly help: boolean
}

/** Every major version that the packages promise to run on. */
const NODES = ['20', '22', '24', '26']

/** The text of `--help`. */
export const helpText: string = `\
Usage: npm run test:packages [-- OPTION...]

Builds and packs every package, installs the tarballs with npm into an empty project, and tries them
there as a user would: types, import, require, commands, and the examples of the READMEs.

  --node VERSION   on this Node.js, fetched with npx; may be repeated; "current" is the one that runs
                   the command. Defaults to ${NODES.join(', ')}
  --no-build       pack what was built before
  --json           print one JSON object: { packages: [...], nodes: [{ node, version, checks }] }
  --help           this text

Exit codes: 0 all is well, 1 a check failed or nothing could be packed, 2 the command was misused.`

/** Reads the command line; throws an error that says what is wrong with it. */
export function readArguments(args: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      node: { type: 'string', multiple: true },
      build: { type: 'boolean', default: true },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { node: nodes = NODES, build, json, help } = values
  const stranger = nodes.find((version) => !/^(?:current|\d+(?:\.\d+){0,2})$/.test(version))
  if (stranger !== undefined) {
    throw new TypeError(`--node: expected a version such as 22 or 20.19.0, got ${stranger}`)
  }
  return { nodes: [...new Set(nodes)], build, json, help }
}
