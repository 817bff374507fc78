import { testProject } from '../../vitest.shared.ts'

export default testProject('create-worker-recycler', ['test/**/*.test.ts'])
