import { posix } from 'node:path'
import ts from 'typescript'
import { breachAt, breachesOf, eachNode } from './source-file.mjs'

const scope = '@worker-recycler/'
const adapters = /systemd|redis|bull-?mq|psi[-_]?monitor|fork[-_]?supervisor|file[-_]?fetch/gi

export const coreIsNeutral = {
  name: 'core-names-no-adapter',
  check: (files) =>
    files
      .filter(({ owner, place }) => owner === 'core' && place === 'src')
      .flatMap((file) => breachesOf(file, file.code, adapters, (word) => `"${word}" in code`)),
  bad: [
    { 'packages/core/src/a.ts': "const hint = 'set it in systemd'\n" },
    { 'packages/core/src/a.ts': 'const psiMonitor = 1\n' },
    { 'packages/core/src/a.ts': 'const text = `from ${x} file-fetch`\n' },
  ],
  good: [
    {
      'packages/core/src/a.ts':
        '/** As systemd does. */\n// redis\nconst a = 1 /* BullMQ */ // psi-monitor\n',
      'packages/redis-fetch/src/a.ts': 'const redis = 1\n',
    },
  ],
}

function specifiers(file) {
  const found = []
  eachNode(file, (node) => {
    const name =
      node.moduleSpecifier ??
      (ts.isImportTypeNode(node) ? node.argument.literal : null) ??
      (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : null)
    if (name && ts.isStringLiteralLike(name)) found.push(name)
  })
  return found
}

/** Why a package may not import that, or null. */
function fault(file, specifier) {
  const folder = `packages/${file.owner}/`
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(file.path), specifier)
    return target.startsWith(folder) ? null : `${specifier} leaves ${folder}`
  }
  if (!specifier.startsWith(scope)) return null
  const name = specifier.slice(scope.length).split('/')[0]
  if (name === 'core' && file.owner !== 'core') return null
  return file.owner === 'core'
    ? `core imports no adapter: ${specifier}`
    : `an adapter imports core only: ${specifier}`
}

export const imports = {
  name: 'imports-core-only',
  check: (files) =>
    files
      .filter(({ place, owner }) => place === 'src' && owner !== null)
      .flatMap((file) =>
        specifiers(file).flatMap((node) => {
          const detail = fault(file, node.text)
          return detail === null ? [] : [breachAt(file, node, detail)]
        }),
      ),
  bad: [
    { 'packages/file-fetch/src/a.ts': "import { a } from '@worker-recycler/fork-supervisor'\n" },
    { 'packages/file-fetch/src/a.ts': "export { a } from '@worker-recycler/psi-monitor/x'\n" },
    { 'packages/file-fetch/src/a.ts': "import { a } from '../../core/src/index.ts'\n" },
    { 'packages/file-fetch/src/a.ts': "type A = import('@worker-recycler/redis-fetch').A\n" },
    { 'packages/core/src/a.ts': "await import('@worker-recycler/file-fetch')\n" },
  ],
  good: [
    {
      'packages/file-fetch/src/deep/a.ts':
        "import { a } from '@worker-recycler/core/testing'\nimport { b } from '../b.ts'\n",
      'packages/file-fetch/test/a.test.ts': "import '@worker-recycler/fork-supervisor'\n",
    },
  ],
}

const manifestKinds = ['dependencies', 'peerDependencies', 'optionalDependencies']

export const manifests = {
  name: 'depends-on-core-only',
  check: (files) =>
    files
      .filter(({ path }) => /^packages\/[^/]+\/package\.json$/.test(path))
      .flatMap(({ path, owner, text }) => {
        const manifest = JSON.parse(text)
        const names = manifestKinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}))
        const wrong = names.filter((name) => name.startsWith(scope) && name !== `${scope}core`)
        const details = wrong.map((name) => `depends on ${name}`)
        // Two copies of core in one process would be two recyclers that do not know each other.
        // A package that nobody imports, a command, is none.
        const isImported = manifest.exports?.['.'] !== undefined
        const isPeer = manifest.peerDependencies?.[`${scope}core`] !== undefined
        if (owner !== 'core' && isImported && !isPeer) {
          details.push(`${scope}core must be a peer dependency`)
        }
        return details.map((detail) => ({ path, line: 1, detail }))
      }),
  bad: [
    { 'packages/file-fetch/package.json': '{"exports":{".":"./dist/index.js"}}' },
    { 'packages/core/package.json': '{"dependencies":{"@worker-recycler/file-fetch":"1"}}' },
  ],
  good: [
    {
      'packages/file-fetch/package.json':
        '{"exports":{".":"./dist/index.js"},"peerDependencies":{"@worker-recycler/core":"1"}}',
    },
    { 'packages/create-a/package.json': '{"exports":{"./package.json":"./package.json"}}' },
  ],
}
