import { testProject } from '../../vitest.shared.ts'

export default testProject('file-fetch', ['test/**/*.test.ts'])
