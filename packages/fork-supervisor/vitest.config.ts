import { testProject } from '../../vitest.shared.ts'

export default testProject('fork-supervisor', ['test/**/*.test.ts'])
