import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

it('the README shows the whole difference between the two workers', () => {
  const [, diff = ''] = /```diff\n([^]*?)```/.exec(read('README.md')) ?? []
  const side = (marks: string) =>
    diff
      .split('\n')
      .filter((line) => marks.includes(line.charAt(0)))
      .map((line) => line.slice(1))
      .join('\n')
  expect(side(' -')).toBe(read('src/before/worker.ts'))
  expect(side(' +')).toBe(read('src/after/worker.ts'))
})
