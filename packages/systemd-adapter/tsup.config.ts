import { bundle } from '../../tsup.base.ts'

export default bundle({
  index: 'src/index.ts',
  'cli/main': 'src/cli/main.ts',
})
