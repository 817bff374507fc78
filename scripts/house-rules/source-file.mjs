import ts from 'typescript'

const parsed = /\.(ts|mts|mjs|js)$/

/** The text with every comment blanked; lines and columns stay where they are. */
function withoutComments(ast, text) {
  // By UTF-16 unit, as the positions of the tree count.
  const code = text.split('').map((unit) => (unit === '\n' ? '\n' : ' '))
  copyTokens(ast, ast, text, code)
  return code.join('')
}

function copyTokens(node, ast, text, code) {
  const children = node.getChildren(ast)
  if (children.length > 0) {
    for (const child of children) copyTokens(child, ast, text, code)
    return
  }
  if (ts.isJSDoc(node)) return
  for (let at = node.getStart(ast); at < node.end; at++) code[at] = text[at]
}

/**
 * What the rules look at: `path` from the root, `owner` (the package's folder name), `place` (`src`,
 * `test`, or `other`), `lineCount`, and for TypeScript and JavaScript the syntax tree and `code`, the
 * text without its comments.
 */
export function sourceFile(path, text) {
  const [, owner = null, folder = null] = /^packages\/([^/]+)\/(?:([^/]+)\/)?/.exec(path) ?? []
  const isTest = /(^|\/)test\//.test(path) || path.endsWith('.test.ts')
  const place = isTest ? 'test' : folder === 'src' && path.endsWith('.ts') ? 'src' : 'other'
  const lineCount = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
  const file = { path, text, owner, place, lineCount, ast: null, code: text }
  if (!parsed.test(path)) return file
  const ast = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  return { ...file, ast, code: withoutComments(ast, text) }
}

/** A breach at a node of the file's tree. */
export function breachAt(file, node, detail) {
  const { line } = file.ast.getLineAndCharacterOfPosition(node.getStart(file.ast))
  return { path: file.path, line: line + 1, detail }
}

/** A breach for each match of a global pattern in `text`, by line. */
export function breachesOf(file, text, pattern, detail) {
  return [...text.matchAll(pattern)].map((match) => ({
    path: file.path,
    line: text.slice(0, match.index).split('\n').length,
    detail: detail(match[0]),
  }))
}

/** Calls `visit` for each node of the tree. */
export function eachNode(file, visit) {
  const walk = (node) => {
    visit(node)
    ts.forEachChild(node, walk)
  }
  if (file.ast !== null) walk(file.ast)
}
