import { testProject } from '../../vitest.shared.ts'

export default testProject('demo', ['test/**/*.test.ts'])
