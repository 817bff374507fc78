import { describe, expect, it } from 'vitest'
import { EXAMPLE_RUNS } from '../example-runs.ts'
import { filesOf, readmeExamples } from '../readme-examples.ts'
import { workspacePackages } from '../workspace-package.ts'

const page = (info: string) => `# A page\n\n\`\`\`${info}\nexport {}\n\`\`\`\n`

describe('readmeExamples', () => {
  it('has the blocks of TypeScript, by the lines of their fences', () => {
    expect(readmeExamples(page('ts'))).toEqual([{ line: 3, files: { 'main.ts': 'export {}\n' } }])
    expect(readmeExamples(page('ts file=examples/a/src/main.ts'))).toHaveLength(1)
  })

  it.each(['sh', 'ts no-check', 'ts in=examples/a/src'])('leaves out a block of %j', (info) => {
    expect(readmeExamples(page(info))).toEqual([])
  })
})

describe('filesOf', () => {
  it('parts a block at the comments that name files', () => {
    const code = '// main.ts: the parent\nparent()\n\n// worker.ts\n// With care.\nwork()\n'
    expect(filesOf(code)).toEqual({
      'main.ts': 'parent()\n\n',
      'worker.ts': '// With care.\nwork()\n',
    })
  })
})

describe('the examples that are run', () => {
  const packages = workspacePackages()

  it.each(EXAMPLE_RUNS.filter(({ folder }) => folder !== ''))(
    'are on the page of $folder',
    ({ folder }) => {
      const readme = packages.find((each) => each.folder === folder)?.readme ?? ''
      const [first] = readmeExamples(readme)
      expect(Object.keys(first?.files ?? {})).toContain('main.ts')
    },
  )
})
