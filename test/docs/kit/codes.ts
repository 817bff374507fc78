import ts from 'typescript'
import { eachNode, type Sources } from './sources.ts'

const LEVELS = new Set(['debug', 'info', 'warn', 'error'])

/** The codes of all reasons and findings that the sources give. */
export function reasonCodes({ checker, files }: Sources): Set<string> {
  const codes = new Set<string>()
  for (const file of files) {
    const isFindings = file.fileName.includes('/findings/')
    eachNode(file, (node) => {
      // Findings are made by functions that take the code.
      if (isFindings && ts.isStringLiteral(node) && /^[a-z]+(?:_[a-z]+)+$/.test(node.text)) {
        codes.add(node.text)
      }
      if (!ts.isPropertyAssignment(node) || node.name.getText(file) !== 'code') return
      const type = checker.getTypeAtLocation(node.initializer)
      // Errors have codes in capitals.
      if (type.isStringLiteral() && /^[a-z]/.test(type.value)) codes.add(type.value)
    })
  }
  return codes
}

/** Every line that the sources log with a message of their own: `level message`. */
export function logLines({ files }: Sources): Set<string> {
  const lines = new Set<string>()
  for (const file of files) {
    eachNode(file, (node) => {
      const line = tableLine(node) ?? calledLine(node, file)
      if (line) lines.add(line)
    })
  }
  return lines
}

/** `'worker:started': ['info', 'Worker started', all]` */
function tableLine(node: ts.Node): string | undefined {
  if (!ts.isPropertyAssignment(node) || !ts.isArrayLiteralExpression(node.initializer)) return
  const [level, message] = node.initializer.elements
  if (!level || !message || !ts.isStringLiteral(level) || !ts.isStringLiteral(message)) return
  return LEVELS.has(level.text) ? `${level.text} ${message.text}` : undefined
}

/** `logger.warn({ id }, 'a job failed')` */
function calledLine(node: ts.Node, file: ts.SourceFile): string | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return
  const { name, expression } = node.expression
  const [, message] = node.arguments
  if (!LEVELS.has(name.text) || !/(^|\.)logger$/.test(expression.getText(file))) return
  return message && ts.isStringLiteral(message) ? `${name.text} ${message.text}` : undefined
}
