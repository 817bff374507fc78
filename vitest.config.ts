import { defineConfig } from 'vitest/config'
import SkippedReporter from './test/skipped-reporter.ts'

export default defineConfig({
  test: {
    projects: [
      'packages/*',
      'examples/*',
      'test/chaos',
      'test/docs',
      'test/packages',
      'test/redis',
      'test/vm',
      'bench',
    ],
    reporters: ['default', new SkippedReporter()],
  },
})
