import { testProject } from '../../vitest.shared.ts'

export default testProject('bullmq', ['test/**/*.test.ts'])
