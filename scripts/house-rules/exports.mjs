import ts from 'typescript'
import { breachAt, eachNode } from './source-file.mjs'

const inSources = (files) => files.filter(({ place }) => place === 'src')

const isNamedReexport = (statement) =>
  ts.isExportDeclaration(statement) &&
  statement.moduleSpecifier !== undefined &&
  statement.exportClause !== undefined &&
  ts.isNamedExports(statement.exportClause)

export const indexExports = {
  name: 'index-named-exports',
  check: (files) =>
    inSources(files)
      .filter(({ path }) => path.endsWith('/index.ts'))
      .flatMap((file) =>
        file.ast.statements
          .filter((statement) => !isNamedReexport(statement))
          .map((statement) => breachAt(file, statement, "only `export { } from './file.ts'`")),
      ),
  bad: [
    { 'packages/core/src/index.ts': "export * from './a.ts'\n" },
    { 'packages/core/src/index.ts': 'export const a = 1\n' },
    { 'packages/core/src/testing/index.ts': "import './a.ts'\n" },
    { 'packages/core/src/index.ts': "export * as a from './a.ts'\n" },
  ],
  good: [
    {
      'packages/core/src/index.ts':
        "/** Why. */\nexport { a } from './a.ts'\nexport type { B } from './b.ts'\n",
    },
  ],
}

function isDefaultExport(node) {
  if (ts.isExportAssignment(node)) return true
  if (ts.isExportSpecifier(node)) return node.name.text === 'default'
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(isDefaultKeyword)
}

const isDefaultKeyword = ({ kind }) => kind === ts.SyntaxKind.DefaultKeyword

export const defaultExports = {
  name: 'no-default-export',
  check: (files) =>
    inSources(files).flatMap((file) => {
      const breaches = []
      eachNode(file, (node) => {
        if (isDefaultExport(node)) breaches.push(breachAt(file, node, 'export it by its name'))
      })
      return breaches
    }),
  bad: [
    { 'packages/core/src/a.ts': 'export default 1\n' },
    { 'packages/core/src/a.ts': 'export default function a() {}\n' },
    { 'packages/core/src/a.ts': 'const a = 1\nexport { a as default }\n' },
  ],
  good: [
    { 'packages/core/src/a.ts': 'export const a = 1\n' },
    { 'packages/core/tsup.config.ts': 'export default 1\n' },
  ],
}
