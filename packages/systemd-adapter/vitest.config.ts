import { testProject } from '../../vitest.shared.ts'

export default testProject('systemd-adapter', ['test/**/*.test.ts'])
