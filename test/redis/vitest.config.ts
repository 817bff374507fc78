import { testProject } from '../../vitest.shared.ts'

export default testProject('redis-kit', ['**/*.test.ts'])
