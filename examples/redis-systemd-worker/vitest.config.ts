import { testProject } from '../../vitest.shared.ts'

export default testProject('redis-systemd-worker', ['test/**/*.test.ts'])
