import { bundle } from '../../tsup.base.ts'

export default bundle({ 'cli/main': 'src/cli/main.ts' })
