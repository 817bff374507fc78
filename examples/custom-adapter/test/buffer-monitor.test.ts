import { fakeClock, monitorContract } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { bufferMonitor } from '../src/buffer-monitor.ts'

monitorContract(
  { describe, it },
  {
    create: () => ({ clock: fakeClock(), monitor: () => bufferMonitor({ limitBytes: 1e9 }) }),
  },
)
