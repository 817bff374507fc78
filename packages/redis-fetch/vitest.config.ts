import { testProject } from '../../vitest.shared.ts'

export default testProject('redis-fetch', ['test/**/*.test.ts'])
