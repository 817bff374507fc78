import ts from 'typescript'
import { breachAt, eachNode } from './source-file.mjs'

const coreClock = 'packages/core/src/process/clock.ts'
const timers = new Set(['setTimeout', 'setInterval'])
const members = new Set(['Date.now', 'performance.now', 'process.hrtime', 'AbortSignal.timeout'])
const timerModules = /^(node:)?timers(\/promises)?$/

/** The source of time that the node reads, or null. */
function timeSource(node) {
  if (ts.isImportDeclaration(node) && timerModules.test(node.moduleSpecifier.text)) {
    return node.moduleSpecifier.text
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
    return (node.arguments?.length ?? 0) === 0 ? 'new Date()' : null
  }
  if (ts.isPropertyAccessExpression(node)) {
    const path = node.getText().replace(/^globalThis\./, '')
    return members.has(path) || timers.has(path) ? path : null
  }
  return ts.isIdentifier(node) && timers.has(node.text) && isRead(node) ? node.text : null
}

/** A name that stands for the global, not for a member, a declaration, or a type. */
function isRead({ parent, text }) {
  if (ts.isPropertyAccessExpression(parent) || ts.isTypeQueryNode(parent)) {
    return parent.expression?.text === text
  }
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if (ts.isImportSpecifier(parent) || ts.isBindingElement(parent)) return false
  return parent.name?.text !== text
}

function uses(file) {
  const found = []
  eachNode(file, (node) => {
    const source = timeSource(node)
    if (source !== null) found.push({ file, node, source })
  })
  return found
}

export const timeFromClock = {
  name: 'time-from-clock',
  check: (files) => {
    const all = files.filter(({ place }) => place === 'src').flatMap(uses)
    return all.flatMap(({ file, node, source }) => {
      if (file.owner === 'core') {
        const detail = `${source}: take it from the injected Clock`
        return file.path === coreClock ? [] : [breachAt(file, node, detail)]
      }
      const other = all.find((use) => use.file.owner === file.owner && use.file !== file)
      return other === undefined
        ? []
        : [breachAt(file, node, `${source}: time is also read in ${other.file.path}`)]
    })
  },
  bad: [
    { 'packages/core/src/a.ts': 'setTimeout(run, 1)\n' },
    { 'packages/core/src/a.ts': 'globalThis.setInterval(run, 1)\n' },
    { 'packages/core/src/a.ts': 'const now = Date.now\n' },
    { 'packages/core/src/a.ts': 'performance.now()\n' },
    { 'packages/core/src/a.ts': 'const at = new Date()\n' },
    { 'packages/core/src/a.ts': 'AbortSignal.timeout(5)\n' },
    { 'packages/core/src/a.ts': "import { setTimeout } from 'node:timers/promises'\n" },
    { 'packages/a/src/x.ts': 'Date.now()\n', 'packages/a/src/y.ts': 'setTimeout(run, 1)\n' },
  ],
  good: [
    {
      [coreClock]: 'export const clock = { now: () => Date.now(), setTimeout }\n',
      'packages/core/src/a.ts': '// setTimeout(run)\nclock.setTimeout(run, 1)\nnew Date(at)\n',
      'packages/core/src/b.ts': 'type Timer = ReturnType<typeof setTimeout>\n',
      'packages/a/src/x.ts': 'Date.now()\nsetTimeout(run, 1)\n',
      'packages/b/test/x.test.ts': 'Date.now()\n',
    },
  ],
}
