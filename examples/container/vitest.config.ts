import { testProject } from '../../vitest.shared.ts'

export default testProject('container', ['test/**/*.test.ts'])
