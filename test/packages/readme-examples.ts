import { codeBlocks } from '../docs/kit/markdown.ts'

/** A block of TypeScript on a page, as files of a project. */
export interface ReadmeExample {
  /** The line of the fence. */
  readonly line: number
  /** Their texts by name: `main.ts`, unless comments in the block name files. */
  readonly files: Readonly<Record<string, string>>
}

/** The examples of a page that stand by themselves; one `in` a folder needs the files that lie there. */
export function readmeExamples(markdown: string): ReadmeExample[] {
  return codeBlocks(markdown)
    .filter(({ language }) => language === 'ts')
    .filter(({ words }) => !words.some((word) => word === 'no-check' || word.startsWith('in=')))
    .map(({ line, code }) => ({ line, files: filesOf(code) }))
}

/** Parts a block at comments such as `// worker.ts: every worker`. */
export function filesOf(code: string): Record<string, string> {
  const [before = '', ...parts] = code.split(/^\/\/ ([\w-]+\.ts)\b.*\n/m)
  if (parts.length === 0) return { 'main.ts': code }
  const files: Record<string, string> = {}
  for (let at = 0; at < parts.length; at += 2) {
    files[parts[at] ?? ''] = before + (parts[at + 1] ?? '')
  }
  return files
}
