import { bundle } from '../../tsup.base.ts'

export default bundle({
  index: 'src/index.ts',
  'sampler-thread': 'src/thread/sampler-thread.ts',
  'cli/main': 'src/cli/main.ts',
})
