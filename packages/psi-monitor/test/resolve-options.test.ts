import { silentLogger } from '@worker-recycler/core'
import { describe, expect, it } from 'vitest'
import type { PsiMonitorOptions } from '../src/options.ts'
import { psiMonitor } from '../src/psi-monitor.ts'
import { resolveOptions } from '../src/resolve-options.ts'

const HOST_BYTES = 1001
const FILE = '/sys/fs/cgroup/system.slice/worker.service/memory.pressure'
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
const resolve = (options: PsiMonitorOptions = {}) =>
  resolveOptions({ env: {}, ...options }, HOST_BYTES)

it('without options the worker itself is watched as systemd would have it', () => {
  expect(resolve()).toEqual({
    heap: true,
    thread: false,
    logger: silentLogger,
    sampling: {
      monitor: 'psi',
      target: 'self',
      workingSet: 'unreclaimable',
      threshold: { type: 'some', thresholdMs: 200, windowMs: 2000 },
      trigger: 'auto',
      request: { kind: 'none' },
      intervals: { closeMs: 50, calmMs: 1000 },
      ownLimits: [],
      hostBytes: HOST_BYTES,
      process: true,
      root: '/',
    },
  })
})

it('every option can be given', () => {
  const logger = { ...silentLogger }
  const resolved = resolve({
    name: 'memory',
    workingSet: 'rss',
    memoryMax: 900,
    memoryHigh: '50%',
    memoryPressureWatch: 'off',
    type: 'full',
    thresholdMs: 100,
    windowMs: 1000,
    trigger: 'on',
    calmMs: 500,
    closeMs: 10,
    process: false,
    heap: false,
    thread: true,
    root: '/host',
    logger,
  })
  expect(resolved).toEqual({
    heap: false,
    thread: true,
    logger,
    sampling: {
      monitor: 'memory',
      target: 'self',
      workingSet: 'rss',
      threshold: { type: 'full', thresholdMs: 100, windowMs: 1000 },
      trigger: 'on',
      request: { kind: 'off' },
      intervals: { closeMs: 10, calmMs: 500 },
      ownLimits: [
        { bytes: 500, heldBy: 'the option `memoryHigh`' },
        { bytes: 900, heldBy: 'the option `memoryMax`' },
      ],
      hostBytes: HOST_BYTES,
      process: false,
      root: '/host',
    },
  })
})

it.each([{ pid: 42 }, { cgroup: '/sys/fs/cgroup/a' }])(
  'another target %o has neither our heap nor our process beside it',
  (target) => {
    const { heap, sampling } = resolve({ target })
    expect([heap, sampling.process, sampling.target]).toEqual([false, false, target])
    expect(resolve({ target, heap: false, process: false }).heap).toBe(false)
  },
)

describe('an option is refused', () => {
  const watches = "one of 'auto', 'skip', 'off'"
  const sets = "one of 'unreclaimable', 'kubelet', 'rss'"
  const target =
    "`target` to be 'self', { pid } with a process id, or { cgroup } with the absolute path of its directory"
  const share = "bytes or a share such as '80%'"
  /** Values as plain JavaScript may hand them in. */
  it.each<[Record<string, unknown>, string]>([
    [{ memoryPressureWatch: 'on' }, `\`memoryPressureWatch\` to be ${watches}, got "on"`],
    [{ workingSet: 'pss' }, `\`workingSet\` to be ${sets}, got "pss"`],
    [{ type: 'any' }, "`type` to be one of 'some', 'full', got \"any\""],
    [{ trigger: true }, "`trigger` to be one of 'auto', 'on', 'off', got true"],
    [{ thresholdMs: 0 }, '`thresholdMs` to be a number of at least 1, got 0'],
    [{ thresholdMs: '200' }, '`thresholdMs` to be a number of at least 1, got 200'],
    [{ windowMs: Number.NaN }, '`windowMs` to be a number of at least 1, got NaN'],
    [{ closeMs: 9 }, '`closeMs` to be a number of at least 10, got 9'],
    [{ closeMs: Infinity }, '`closeMs` to be a number of at least 10, got Infinity'],
    [{ calmMs: 49 }, '`calmMs` to be a number of at least 50, got 49'],
    [{ calmMs: 99, closeMs: 100 }, '`calmMs` to be a number of at least 100, got 99'],
    [{ memoryMax: 0 }, '`memoryMax` to be a number of at least 1, got 0'],
    [{ memoryMax: '80' }, `\`memoryMax\` to be ${share}, got '80'`],
    [{ memoryMax: '-1%' }, `\`memoryMax\` to be ${share}, got '-1%'`],
    [{ memoryMax: '0%' }, `\`memoryMax\` to be ${share}, got '0%'`],
    [{ memoryMax: 800n }, `\`memoryMax\` to be ${share}, got 800n`],
    [{ memoryHigh: -1 }, '`memoryHigh` to be a number of at least 1, got -1'],
    [{ memoryHigh: '1G' }, `\`memoryHigh\` to be ${share}, got '1G'`],
    [{ target: 'other' }, `${target}, got 'other'`],
    [{ target: null }, `${target}, got null`],
    [{ target: {} }, `${target}, got {}`],
    [{ target: { pid: 0 } }, `${target}, got { pid: 0 }`],
    [{ target: { pid: 1.5 } }, `${target}, got { pid: 1.5 }`],
    [{ target: { pid: '42' } }, `${target}, got { pid: '42' }`],
    [{ target: { cgroup: 'a' } }, `${target}, got { cgroup: 'a' }`],
    [{ target: { cgroup: '/' } }, `${target}, got { cgroup: '/' }`],
    [{ target: { cgroup: '/sys/fs/a/' } }, `${target}, got { cgroup: '/sys/fs/a/' }`],
    [{ target: { cgroup: '/sys/../a' } }, `${target}, got { cgroup: '/sys/../a' }`],
    [{ target: { cgroup: 5 } }, `${target}, got { cgroup: 5 }`],
    [{ root: 'host' }, "`root` to be an absolute path, got 'host'"],
    [{ root: 5 }, '`root` to be an absolute path, got 5'],
  ])('%o', (options, sentence) => {
    expect(() => resolve(options)).toThrow(new TypeError(`Expected ${sentence}`))
  })

  it.each<[PsiMonitorOptions, string]>([
    [
      { windowMs: 10_001 },
      'Expected `windowMs` to be at most 10000, got 10001: the kernel refuses longer windows with EINVAL',
    ],
    [
      { thresholdMs: 2001 },
      'Expected `thresholdMs` to be at most `windowMs` (2000), got 2001: the kernel refuses it with EINVAL, as no stall is longer than its window',
    ],
    [
      { heap: true, target: { pid: 42 } },
      'Expected no `heap` with a `target`: only the own heap can be read',
    ],
    [
      { process: true, target: { cgroup: '/sys/fs/cgroup/a' } },
      'Expected no `process` with a `target`: it is measured beside the own cgroup',
    ],
  ])('with what the kernel would have said: %o', (options, sentence) => {
    expect(() => resolve(options)).toThrow(new TypeError(sentence))
  })

  it('when the monitor is made, not when it is watched', () => {
    expect(() => psiMonitor({ windowMs: 0 })).toThrow(TypeError)
  })
})

it.each<PsiMonitorOptions>([
  { windowMs: 10_000 },
  { thresholdMs: 2000 },
  { thresholdMs: 1, windowMs: 1 },
  { calmMs: 50 },
  { memoryMax: 1 },
  { target: { pid: 1 } },
])('an option may be at its bound: %o', (options) => {
  expect(() => resolve(options)).not.toThrow()
})

describe('a share of the host', () => {
  it.each([
    ['80%', 800],
    ['100%', 1001],
    ['12.5%', 125],
    ['150%', 1501],
  ] as const)('of %s is %s bytes of 1001', (memoryMax, bytes) => {
    expect(resolve({ memoryMax }).sampling.ownLimits).toEqual([
      { bytes, heldBy: 'the option `memoryMax`' },
    ])
  })
})

describe('what systemd asks for', () => {
  const env = {
    MEMORY_PRESSURE_WATCH: FILE,
    MEMORY_PRESSURE_WRITE: base64('full 123000 4000000\0'),
  }
  const own = { type: 'some', thresholdMs: 100, windowMs: 1000 } as const

  it('wins over the options', () => {
    const { threshold, request } = resolve({ env, ...own }).sampling
    expect(threshold).toEqual({ type: 'full', thresholdMs: 123, windowMs: 4000 })
    expect(request).toMatchObject({ kind: 'watch', path: FILE })
  })

  it('does not excuse options that are wrong', () => {
    expect(() => resolve({ env, windowMs: 10_001 })).toThrow('`windowMs`')
  })

  it.each([
    ['it gives nothing to write', ''],
    ['it gives bytes that are no trigger', base64('hello')],
    ['it gives a trigger that the kernel refuses', base64('some 0 2000000\0')],
  ])('leaves the options as they are when %s', (_case, write) => {
    const { sampling } = resolve({ env: { ...env, MEMORY_PRESSURE_WRITE: write }, ...own })
    expect(sampling.threshold).toEqual(own)
    expect(sampling.request.kind).toBe('watch')
  })

  it('is heeded but for `skip` and `off`', () => {
    const kindOf = (options: PsiMonitorOptions) => resolve(options).sampling.request.kind
    expect(kindOf({ env })).toBe('watch')
    expect(kindOf({ env, memoryPressureWatch: 'skip' })).toBe('none')
    expect(kindOf({ env, memoryPressureWatch: 'off' })).toBe('off')
    expect(resolve({ env, memoryPressureWatch: 'skip', ...own }).sampling.threshold).toEqual(own)
    expect(kindOf({ env: { MEMORY_PRESSURE_WATCH: '' } })).toBe('off')
    expect(kindOf({ env: { MEMORY_PRESSURE_WATCH: 'relative' } })).toBe('invalid')
  })
})
