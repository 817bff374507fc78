import { defineConfig } from 'vitest/config'
import SkippedReporter from './test/skipped-reporter.ts'

export default defineConfig({
  test: {
    projects: ['packages/*', 'examples/*', 'test/chaos', 'test/docs', 'bench'],
    reporters: ['default', new SkippedReporter()],
  },
})
