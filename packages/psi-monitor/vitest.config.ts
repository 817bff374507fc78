import { testProject } from '../../vitest.shared.ts'

export default testProject('psi-monitor', ['test/**/*.test.ts'])
