import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Limit, openLimits } from '../../src/cgroup/limits.ts'
import type { Place } from '../../src/cgroup/locate.ts'
import { systemFiles } from '../../src/kernel/system-files.ts'
import { fakeRoot } from '../kit/fake-root.ts'
import { refusingFiles } from '../kit/refusing-files.ts'

const TOP = '/sys/fs/cgroup'
const SLICE = `${TOP}/jobs.slice`
const LEAF = `${SLICE}/worker.service`
const V2: Place = { v2: { path: LEAF, top: TOP } }
const HOST: Limit = { bytes: 8000, heldBy: "the host's memory" }

const V1_TOP = '/sys/fs/cgroup/memory'
const V1_LEAF = `${V1_TOP}/docker/abc`
const V1: Place = { v1Memory: { path: V1_LEAF, top: V1_TOP } }
/** What v1 shows for no limit: the most pages that a counter holds. */
const UNLIMITED = '9223372036854771712\n'

const limitOf = (
  place: Place,
  texts: Readonly<Record<string, string>>,
  fixed: readonly Limit[] = [],
) => openLimits(place, systemFiles(fakeRoot(texts).root), fixed).read()

describe('the limit by cgroup v2', () => {
  it.each([
    ['of the leaf', { [`${LEAF}/memory.max`]: '1000\n' }, 1000, `${LEAF}/memory.max`],
    [
      'of an ancestor that allows less than the leaf',
      { [`${LEAF}/memory.max`]: '1000\n', [`${SLICE}/memory.max`]: '600\n' },
      600,
      `${SLICE}/memory.max`,
    ],
    [
      'of the top that can be seen, as in a private namespace',
      { [`${LEAF}/memory.max`]: 'max\n', [`${TOP}/memory.max`]: '700\n' },
      700,
      `${TOP}/memory.max`,
    ],
    [
      'of `memory.high` where it is the smaller one',
      { [`${LEAF}/memory.max`]: '1000\n', [`${LEAF}/memory.high`]: '900\n' },
      900,
      `${LEAF}/memory.high`,
    ],
    [
      'of `memory.high` of an ancestor',
      { [`${LEAF}/memory.max`]: '1000\n', [`${SLICE}/memory.high`]: '500\n' },
      500,
      `${SLICE}/memory.high`,
    ],
    [
      'of `memory.max` where `memory.high` is more',
      { [`${LEAF}/memory.max`]: '1000\n', [`${LEAF}/memory.high`]: '2000\n' },
      1000,
      `${LEAF}/memory.max`,
    ],
    [
      'of the leaf where its ancestors allow more',
      { [`${LEAF}/memory.max`]: '1000\n', [`${SLICE}/memory.max`]: '5000\n' },
      1000,
      `${LEAF}/memory.max`,
    ],
  ])('is the one %s', (_case, texts, bytes, heldBy) => {
    expect(limitOf(V2, texts)).toEqual({ bytes, heldBy })
  })

  it.each([
    [
      'everything says `max`',
      { [`${LEAF}/memory.max`]: 'max\n', [`${LEAF}/memory.high`]: 'max\n' },
    ],
    ['no file is there, as in the root cgroup', {}],
    ['a file is empty', { [`${LEAF}/memory.max`]: '' }],
    ['a file holds no number', { [`${LEAF}/memory.max`]: 'much\n' }],
    ['it is 0, of which nothing is a share', { [`${LEAF}/memory.max`]: '0\n' }],
  ])('is none when %s', (_case, texts) => {
    expect(limitOf(V2, texts)).toBeUndefined()
    expect(limitOf(V2, texts, [HOST])).toEqual(HOST)
  })

  it('looks at no cgroup beside the own ones', () => {
    const texts = { [`${SLICE}/other/memory.max`]: '1\n', [`${LEAF}/child/memory.max`]: '2\n' }
    expect(limitOf(V2, texts)).toBeUndefined()
  })

  it('is the least of all, whatever each holds', () => {
    const value = fc.oneof(fc.constant('max'), fc.integer({ min: 1, max: 9000 }))
    fc.assert(
      fc.property(fc.array(value, { minLength: 6, maxLength: 6 }), (values) => {
        const paths = [LEAF, SLICE, TOP].flatMap((at) => [`${at}/memory.max`, `${at}/memory.high`])
        const numbers = [HOST.bytes, ...values.filter((one) => one !== 'max').map(Number)]
        const texts = Object.fromEntries(paths.map((path, at) => [path, `${values[at]}\n`]))
        const limits = openLimits(V2, textFiles(texts), [HOST])
        expect(limits.read()?.bytes).toBe(Math.min(...numbers))
      }),
    )
  })
})

describe('the limit by cgroup v1', () => {
  const stat = (bytes: number | string) => `cache 0\nrss 1\nhierarchical_memory_limit ${bytes}\n`

  it.each([
    [
      'of the leaf',
      {
        [`${V1_LEAF}/memory.limit_in_bytes`]: '1000\n',
        [`${V1_LEAF}/memory.stat`]: stat(1000),
      },
      1000,
      `${V1_LEAF}/memory.limit_in_bytes`,
    ],
    [
      'of an ancestor that can be seen',
      {
        [`${V1_LEAF}/memory.limit_in_bytes`]: UNLIMITED,
        [`${V1_TOP}/docker/memory.limit_in_bytes`]: '600\n',
        [`${V1_LEAF}/memory.stat`]: stat(600),
      },
      600,
      `${V1_TOP}/docker/memory.limit_in_bytes`,
    ],
    [
      'of an ancestor that cannot be seen',
      { [`${V1_LEAF}/memory.limit_in_bytes`]: '1000\n', [`${V1_LEAF}/memory.stat`]: stat(400) },
      400,
      `${V1_LEAF}/memory.stat`,
    ],
  ])('is the one %s', (_case, texts, bytes, heldBy) => {
    expect(limitOf(V1, texts, [HOST])).toEqual({ bytes, heldBy })
  })

  it('is that of the host where the numbers are huge', () => {
    const texts = {
      [`${V1_LEAF}/memory.limit_in_bytes`]: UNLIMITED,
      [`${V1_LEAF}/memory.stat`]: stat(UNLIMITED.trim()),
    }
    expect(limitOf(V1, texts, [HOST])).toEqual(HOST)
  })

  it('is not that of memory and swap together', () => {
    const texts = { [`${V1_LEAF}/memory.stat`]: 'hierarchical_memsw_limit 300\n' }
    expect(limitOf(V1, texts)).toBeUndefined()
  })

  it('counts on a hybrid host, where cgroup v2 has none', () => {
    const place = { ...V1, v2: { path: '/sys/fs/cgroup/unified', top: '/sys/fs/cgroup/unified' } }
    const texts = { [`${V1_LEAF}/memory.limit_in_bytes`]: '1000\n' }
    expect(limitOf(place, texts, [HOST])?.bytes).toBe(1000)
  })
})

describe('a limit that is given', () => {
  const option = { bytes: 300, heldBy: 'the option `memoryMax`' }

  it('governs when it is the least', () => {
    const texts = { [`${LEAF}/memory.max`]: '1000\n' }
    expect(limitOf(V2, texts, [HOST, option])).toEqual(option)
    expect(limitOf({}, {}, [option, HOST])).toEqual(option)
  })

  it('does not govern when a cgroup allows less', () => {
    const texts = { [`${LEAF}/memory.max`]: '200\n' }
    expect(limitOf(V2, texts, [HOST, option])?.bytes).toBe(200)
  })
})

describe('limits', () => {
  const texts = { [`${LEAF}/memory.max`]: '1000\n', [`${SLICE}/memory.max`]: '2000\n' }

  it('are read anew each time, as head-room may be granted', () => {
    const tree = fakeRoot(texts)
    const limits = openLimits(V2, systemFiles(tree.root), [])
    expect(limits.read()?.bytes).toBe(1000)
    tree.set(`${LEAF}/memory.max`, 'max\n')
    expect(limits.read()).toEqual({ bytes: 2000, heldBy: `${SLICE}/memory.max` })
    limits.close()
  })

  it('leave out an ancestor that this user may not read', () => {
    const files = systemFiles(fakeRoot({ ...texts, [`${TOP}/memory.max`]: '900\n' }).root)
    const refused = refusingFiles(files, { [`open ${SLICE}/memory.max`]: 'EACCES' })
    expect(openLimits(V2, refused, []).read()?.heldBy).toBe(`${TOP}/memory.max`)
  })

  it('cannot be opened when the system is out of file descriptors', () => {
    const files = systemFiles(fakeRoot(texts).root)
    const refused = refusingFiles(files, { [`open ${SLICE}/memory.max`]: 'EMFILE' })
    expect(() => openLimits(V2, refused, [])).toThrow('EMFILE')
    expect(refused.held()).toEqual([])
  })

  it('say so when the cgroup is gone', () => {
    const files = systemFiles(fakeRoot(texts).root)
    const refused = refusingFiles(files, { [`read ${LEAF}/memory.max`]: 'ENODEV' })
    const limits = openLimits(V2, refused, [HOST])
    expect(() => limits.read()).toThrow('ENODEV')
  })

  it('leave nothing open', () => {
    const files = refusingFiles(systemFiles(fakeRoot(texts).root))
    const limits = openLimits(V2, files, [])
    expect(files.held()).toHaveLength(2)
    limits.close()
    expect(files.held()).toEqual([])
  })
})

/** Files from memory: a property makes a hundred trees. */
function textFiles(texts: Readonly<Record<string, string>>): ReturnType<typeof systemFiles> {
  const files = systemFiles('/nowhere')
  return {
    ...files,
    open: (path) => {
      const text = texts[path]
      return text === undefined ? files.open(path) : { read: () => text, close: () => {} }
    },
  }
}
