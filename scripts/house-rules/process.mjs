import ts from 'typescript'
import { breachAt, eachNode } from './source-file.mjs'

/** Each member group of `process` that may be touched in one file of a package only. */
const groups = { exit: 'process.exit', kill: 'process.kill', on: 'process.on', once: 'process.on' }

function member(node) {
  if (ts.isPropertyAccessExpression(node)) return isProcess(node.expression) && node.name.text
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return isProcess(node.expression) && node.argumentExpression.text
  }
  if (!ts.isImportSpecifier(node)) return null
  const from = node.parent.parent.parent.moduleSpecifier.text
  return /^(node:)?process$/.test(from) && (node.propertyName ?? node.name).text
}

const isProcess = (node) =>
  (ts.isIdentifier(node) && node.text === 'process') ||
  (ts.isPropertyAccessExpression(node) && node.name.text === 'process')

function uses(file) {
  const found = []
  eachNode(file, (node) => {
    const group = Object.hasOwn(groups, member(node) || '') ? groups[member(node)] : null
    if (group !== null) found.push({ file, node, group })
  })
  return found
}

export const processMembers = {
  name: 'process-in-one-file',
  check: (files) => {
    const all = files.filter(({ place }) => place === 'src').flatMap(uses)
    return all.flatMap(({ file, node, group }) => {
      const others = all.filter(
        (use) => use.group === group && use.file.owner === file.owner && use.file !== file,
      )
      if (others.length === 0) return []
      return [breachAt(file, node, `${group} is also in ${others[0].file.path}`)]
    })
  },
  bad: [
    { 'packages/a/src/x.ts': 'process.exit(1)\n', 'packages/a/src/y.ts': 'process.exit(2)\n' },
    {
      'packages/a/src/x.ts': "process.kill(1, 'SIGTERM')\n",
      'packages/a/src/y.ts': 'const end = process.kill\n',
    },
    {
      'packages/a/src/x.ts': "process.on('exit', run)\n",
      'packages/a/src/y.ts': "globalThis.process.once('exit', run)\n",
    },
    {
      'packages/a/src/x.ts': "import { exit } from 'node:process'\n",
      'packages/a/src/y.ts': 'process.exit()\n',
    },
  ],
  good: [
    {
      'packages/a/src/x.ts': 'process.exit(1)\nprocess.exit(2)\n',
      'packages/a/src/y.ts': '// process.exit(1)\nprocess.exitCode = 1\n',
      'packages/b/src/x.ts': 'process.exit(1)\n',
      'packages/a/test/x.test.ts': 'process.exit(1)\n',
    },
  ],
}
