import { testProject } from '../../vitest.shared.ts'

export default testProject('vm', ['test/*.test.ts'])
