import { testProject } from '../../vitest.shared.ts'

export default testProject('docs', ['**/*.test.ts'])
