import { execFileSync } from 'node:child_process'
import { heapLimitBytes } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'

const MIB = 1_048_576

describe('heapLimitBytes', () => {
  it('is the size of the old space where a flag gives it; the last one counts', () => {
    const flags = ['--max-old-space-size=64', '--trace-gc', '--max_old_space_size=96', 'x.js']
    expect(heapLimitBytes(flags, 256 * MIB)).toBe(96 * MIB)
  })

  it('is what V8 says where no flag does, or where V8 has less', () => {
    expect(heapLimitBytes([], 4144 * MIB)).toBe(4144 * MIB)
    expect(heapLimitBytes(['--max-old-space-size=0', '--max-old-space-size'], MIB)).toBe(MIB)
    expect(heapLimitBytes(['--max-old-space-size=9000'], 4144 * MIB)).toBe(4144 * MIB)
  })

  it('is where V8 really aborts: a heap never holds much more', () => {
    const leak = `
      const { writeSync } = require('node:fs'); const { getHeapStatistics } = require('node:v8')
      const leaked = []
      setInterval(() => {
        leaked.push(Array.from({ length: 50000 }, (_, index) => index * 1.5))
        writeSync(1, getHeapStatistics().used_heap_size + ' ')
      }, 1)`
    let output = ''
    try {
      execFileSync(process.execPath, ['--max-old-space-size=48', '-e', leak], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    } catch (error) {
      output = String((error as { stdout: unknown }).stdout)
    }
    const last = Number(output.trim().split(' ').at(-1))
    const limit = heapLimitBytes(['--max-old-space-size=48'])
    expect(last / limit).toBeGreaterThan(0.8)
    expect(last / limit).toBeLessThan(1.2)
  })
})
