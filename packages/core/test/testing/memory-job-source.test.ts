import { jobSourceContract } from '@worker-recycler/core/testing'
import { describe, it } from 'vitest'
import { memoryTestBed } from './memory-test-bed.ts'

jobSourceContract({ describe, it }, { create: () => memoryTestBed() })
