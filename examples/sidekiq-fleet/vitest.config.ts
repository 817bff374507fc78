import { testProject } from '../../vitest.shared.ts'

export default testProject('sidekiq-fleet', ['test/**/*.test.ts'])
