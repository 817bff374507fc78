import { testProject } from '../../vitest.shared.ts'

export default testProject('redis-worker', ['test/**/*.test.ts'])
