import { testProject } from '../../vitest.shared.ts'

export default testProject('custom-adapter', ['test/**/*.test.ts'])
