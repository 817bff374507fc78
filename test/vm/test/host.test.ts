import { describe, expect, it } from 'vitest'
import { command } from '../host/command.ts'
import { inLanes } from '../host/in-lanes.ts'
import { foreignLibraries } from '../host/requirements.ts'

describe('inLanes', () => {
  it('runs so many tasks at a time, and gives their results in order', async () => {
    let running = 0
    const seen: number[] = []
    const task = (name: string, turns: number) => async () => {
      running += 1
      seen.push(running)
      for (let turn = 0; turn < turns; turn++) await Promise.resolve()
      running -= 1
      return name
    }
    const tasks = [task('a', 50), task('b', 1), task('c', 1), task('d', 1)]
    expect(await inLanes(2, tasks)).toEqual(['a', 'b', 'c', 'd'])
    expect(Math.max(...seen)).toBe(2)
  })
})

describe('foreignLibraries', () => {
  it('finds none in an official build of Node.js', () => {
    const ldd = `
\tlinux-vdso.so.1 (0x00007f780cdf5000)
\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f780cdde000)
\tlibatomic.so.1 => /lib/x86_64-linux-gnu/libatomic.so.1 (0x00007f780cd00000)
\tlibstdc++.so.6 => /lib/x86_64-linux-gnu/libstdc++.so.6 (0x00007f780ca00000)
\tlibgcc_s.so.1 => /lib/x86_64-linux-gnu/libgcc_s.so.1 (0x00007f780ccde000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f780c81e000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f780cdf7000)
`
    expect(foreignLibraries(ldd)).toEqual([])
  })

  it('finds those of a build for one distribution', () => {
    const ldd = `
\tlibnode.so.115 => /lib/x86_64-linux-gnu/libnode.so.115 (0x00007f780c81e000)
\tlibcares.so.2 => not found
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f780c81e000)
`
    expect(foreignLibraries(ldd)).toEqual(['libnode.so.115', 'libcares.so.2'])
  })
})

describe('command', () => {
  const { signal } = new AbortController()
  const fail = (script: string) => command(process.execPath, ['-e', script], signal)

  it('resolves when the command succeeds', async () => {
    await expect(fail('console.error("a warning")')).resolves.toBeUndefined()
  })

  it.each([
    [
      'the last error of apt',
      'console.error("E: no such suite\\nI: cleaning"); exit(1)',
      'E: no such suite',
    ],
    ['or the last line', 'console.error("one\\ntwo"); exit(1)', 'two'],
    ['or the exit code', 'exit(3)', 'exit code 3'],
  ])('rejects with %s', async (_, script, reason) => {
    await expect(fail(`const { exit } = process; ${script}`)).rejects.toThrow(
      `${process.execPath} failed: ${reason}`,
    )
  })
})
