import { testProject } from '../../vitest.shared.ts'

export default testProject('packages', ['test/*.test.ts'])
