import { describe, expect, it } from 'vitest'
import { installedWith, type LockFile } from '../installed-with.ts'

const lock: LockFile = {
  packages: {
    '': { dependencies: { adapter: '1', core: '1', unrelated: '1' } },
    'node_modules/adapter': {
      dependencies: { deep: '2' },
      peerDependencies: { core: '1', addon: '1' },
      peerDependenciesMeta: { addon: { optional: true } },
    },
    'node_modules/adapter/node_modules/deep': { dependencies: { deeper: '1' } },
    'node_modules/addon': {},
    'node_modules/core': { dependencies: { events: '1' } },
    'node_modules/deep': { dependencies: { unrelated: '1' } },
    'node_modules/deeper': {
      dependencies: { deep: '1' },
      optionalDependencies: { 'only-on-another-system': '1' },
    },
    'node_modules/events': {},
    'node_modules/unrelated': {},
  },
}

describe('installedWith', () => {
  it('counts what a package needs, each where Node.js finds it, and not itself', () => {
    expect([...installedWith(lock, 'adapter', false)].toSorted()).toEqual([
      'node_modules/adapter/node_modules/deep',
      'node_modules/deep',
      'node_modules/deeper',
      'node_modules/unrelated',
    ])
  })

  it('counts peers and what they need, but for optional ones', () => {
    const without = installedWith(lock, 'adapter', false)
    const more = [...installedWith(lock, 'adapter', true)].filter((place) => !without.has(place))
    expect(more.toSorted()).toEqual(['node_modules/core', 'node_modules/events'])
  })

  it('counts nothing for a package that needs nothing', () => {
    expect(installedWith(lock, 'events', true).size).toBe(0)
  })
})
