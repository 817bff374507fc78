import { bundle } from '../../tsup.base.ts'

export default bundle({
  index: 'src/index.ts',
  'beat-thread': 'src/liveness/beat-thread.ts',
  'cli/main': 'src/cli/main.ts',
})
