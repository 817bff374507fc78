import { testProject } from '../../vitest.shared.ts'

export default testProject('bullmq-adapter', ['test/**/*.test.ts'])
