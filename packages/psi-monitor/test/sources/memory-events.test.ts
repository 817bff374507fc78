import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KernelFiles } from '../../src/kernel/kernel-files.ts'
import { systemFiles } from '../../src/kernel/system-files.ts'
import { openMemoryEvents } from '../../src/sources/memory-events.ts'
import { fakeRoot } from '../kit/fake-root.ts'
import { errnoError, refusingFiles } from '../kit/refusing-files.ts'
import { eventsText } from '../kit/trees.ts'

const PATH = '/sys/fs/cgroup/a'
const ALL = `${PATH}/memory.events`
const LOCAL = `${PATH}/memory.events.local`
const DIRECTORY = { path: PATH, top: '/sys/fs/cgroup' }

const open = (files: KernelFiles, wake = () => {}) => {
  const opening = openMemoryEvents(DIRECTORY, files, wake)
  if (opening.state !== 'live') throw new Error(opening.sentence)
  return opening
}
/** Counters that are read without a watch, from texts that the test changes. */
const countersOf = (texts: Record<string, string>) => {
  const files: KernelFiles = {
    ...systemFiles('/nowhere'),
    open: (path) => {
      if (texts[path] === undefined) throw errnoError('ENOENT')
      return { read: () => texts[path] ?? '', close: () => {} }
    },
    watch: () => () => {},
  }
  return open(files).source
}
const grown = (counts: { high?: number; max?: number; oom?: number; oomKill?: number }) => ({
  high: 0,
  max: 0,
  oom: 0,
  oomKill: 0,
  ...counts,
})

describe('the increments of `memory.events`', () => {
  it('start from what was counted before: that is history', () => {
    const source = countersOf({ [ALL]: eventsText({ high: 7, oom_kill: 1 }) })
    expect(source.read()).toBeUndefined()
  })

  it('are what came since the last call', () => {
    const texts = { [ALL]: eventsText({ high: 7 }) }
    const source = countersOf(texts)
    texts[ALL] = eventsText({ high: 10, max: 1 })
    expect(source.read()).toEqual(grown({ high: 3, max: 1 }))
    expect(source.read()).toBeUndefined()
    texts[ALL] = eventsText({ high: 10, max: 1, oom: 2, oom_kill: 1 })
    expect(source.read()).toEqual(grown({ oom: 2, oomKill: 1 }))
  })

  it('do not take `low` and `oom_group_kill` for others', () => {
    const texts = { [ALL]: eventsText({}) }
    const source = countersOf(texts)
    texts[ALL] = 'low 5\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 4\nsock_throttled 3\n'
    expect(source.read()).toBeUndefined()
  })

  it('are no doubles of what both files count', () => {
    const texts = { [ALL]: eventsText({}), [LOCAL]: eventsText({}) }
    const source = countersOf(texts)
    texts[ALL] = eventsText({ high: 3, max: 1 })
    texts[LOCAL] = eventsText({ high: 2, max: 1 })
    expect(source.read()).toEqual(grown({ high: 3, max: 1 }))
  })

  it('are the same with `memory_localevents`, where neither counts what is below', () => {
    const texts = { [ALL]: eventsText({}), [LOCAL]: eventsText({}) }
    const source = countersOf(texts)
    texts[ALL] = eventsText({ oom: 1 })
    texts[LOCAL] = eventsText({ oom: 1 })
    expect(source.read()).toEqual(grown({ oom: 1 }))
  })

  it('come from `memory.events.local` alone where the other file is not there', () => {
    const texts = { [LOCAL]: eventsText({}) }
    const source = countersOf(texts)
    texts[LOCAL] = eventsText({ max: 2 })
    expect(source.read()).toEqual(grown({ max: 2 }))
  })

  it('are none when counters go backwards, and go on from there', () => {
    const texts = { [ALL]: eventsText({ high: 10, max: 5 }) }
    const source = countersOf(texts)
    texts[ALL] = eventsText({ high: 1 })
    expect(source.read()).toBeUndefined()
    texts[ALL] = eventsText({ high: 3 })
    expect(source.read()).toEqual(grown({ high: 2 }))
  })

  it('add up to all that was counted, however often they are read', () => {
    const step = fc.record({
      high: fc.nat(3),
      max: fc.nat(3),
      oom: fc.nat(1),
      isRead: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const texts = { [ALL]: eventsText({ high: 9 }) }
        const source = countersOf(texts)
        const total = { high: 9, max: 0, oom: 0 }
        const sum = { high: 0, max: 0, oom: 0 }
        const take = () => {
          const { high = 0, max = 0, oom = 0 } = source.read() ?? {}
          sum.high += high
          sum.max += max
          sum.oom += oom
        }
        for (const { high, max, oom, isRead } of steps) {
          total.high += high
          total.max += max
          total.oom += oom
          texts[ALL] = eventsText(total)
          if (isRead) take()
        }
        take()
        expect(sum).toEqual({ ...total, high: total.high - 9 })
      }),
    )
  })
})

describe('the source of `memory.events`', () => {
  const tree = () => fakeRoot({ [ALL]: eventsText({}), [LOCAL]: eventsText({}) })

  it.each([ALL, LOCAL])('wakes when %s is modified', async (path) => {
    const { root, set } = tree()
    let wake = () => {}
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    const { source, sentence } = open(systemFiles(root), wake)
    expect(sentence).toBe('The kernel announces `high`, `max`, `oom` and `oom_kill` at once.')
    set(path, eventsText({ high: 1 }))
    await woken
    expect(source.read()).toEqual(grown({ high: 1 }))
    source.close()
  })

  it('wakes when a watch ends by itself: the next sample finds out why', () => {
    const files = systemFiles(tree().root)
    let isWoken = false
    const { source } = open(
      {
        ...files,
        watch: (_path, { ended }) => {
          ended(errnoError('ENODEV'))
          return () => {}
        },
      },
      () => {
        isWoken = true
      },
    )
    expect(isWoken).toBe(true)
    source.close()
  })

  it.each([
    ['EMFILE', 'the limit of open files, or of inotify instances of this user, is reached'],
    [
      'ENOSPC',
      'the limit of inotify watches of this user is reached (fs.inotify.max_user_watches)',
    ],
  ])('is read with every sample when it cannot be watched: %s', (code, meaning) => {
    const { root, set } = tree()
    const refusals = { [`watch ${ALL}`]: code, [`watch ${LOCAL}`]: code }
    const { source, sentence, path } = open(refusingFiles(systemFiles(root), refusals))
    expect(sentence).toBe(
      `The counters are read with every sample, as they cannot be watched: ${code}: ${meaning}.`,
    )
    expect(path).toBe(PATH)
    set(ALL, eventsText({ max: 4 }))
    expect(source.read()).toEqual(grown({ max: 4 }))
    source.close()
  })

  it('is announced by one of the two files where the other is not there', () => {
    const { root } = fakeRoot({ [LOCAL]: eventsText({}) })
    const files = refusingFiles(systemFiles(root))
    expect(open(files).sentence).toContain('at once')
    expect(files.held()).toEqual([`open ${LOCAL}`, `watch ${LOCAL}`])
  })

  it('is refused without cgroup v2', () => {
    const files = refusingFiles(systemFiles(tree().root))
    expect(openMemoryEvents(undefined, files, () => {})).toEqual({
      state: 'refused',
      sentence: 'There is no cgroup v2 to count events.',
    })
    expect(files.held()).toEqual([])
  })

  it('is refused where the cgroup has no memory controller', () => {
    const { root } = fakeRoot({ [`${PATH}/cgroup.procs`]: '' })
    expect(openMemoryEvents(DIRECTORY, systemFiles(root), () => {})).toEqual({
      state: 'refused',
      path: PATH,
      sentence: 'The cgroup counts no memory events: ENOENT: there is no such file.',
    })
  })

  it('says that the cgroup is gone when it is read', () => {
    const refusals: Record<string, string> = {}
    const { source } = open(refusingFiles(systemFiles(tree().root), refusals))
    refusals[`read ${ALL}`] = 'ENODEV'
    expect(() => source.read()).toThrow('ENODEV')
    source.close()
  })

  it('leaves nothing open, nor when the cgroup goes while it is opened', () => {
    const files = refusingFiles(systemFiles(tree().root))
    const { source } = open(files)
    expect(files.held()).toHaveLength(4)
    source.close()
    expect(files.held()).toEqual([])

    const late = refusingFiles(systemFiles(tree().root), { [`read ${LOCAL}`]: 'ENODEV' })
    expect(() => openMemoryEvents(DIRECTORY, late, () => {})).toThrow('ENODEV')
    expect(late.held()).toEqual([])
  })
})
