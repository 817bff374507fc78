import { describe, expect, it } from 'vitest'
import { importProgram, requireProgram } from '../entry-programs.ts'
import { specifiersOf, tarballName } from '../workspace-package.ts'

describe('specifiersOf', () => {
  it('has every entry but for JSON', () => {
    const exports = { '.': {}, './testing': {}, './package.json': './package.json' }
    expect(specifiersOf({ name: '@a/b', version: '1.0.0', exports })).toEqual([
      '@a/b',
      '@a/b/testing',
    ])
  })

  it('has none for a package of commands alone', () => {
    expect(specifiersOf({ name: 'a', version: '1.0.0', bin: { a: 'a.js' } })).toEqual([])
  })
})

describe('tarballName', () => {
  it('is the name that pnpm gives', () => {
    expect(tarballName({ name: '@a/b', version: '1.2.3' })).toBe('a-b-1.2.3.tgz')
    expect(tarballName({ name: 'create-a', version: '1.2.3' })).toBe('create-a-1.2.3.tgz')
  })
})

describe('the programs that bring in a package', () => {
  it('import or require every entry, and print its names', () => {
    const print = 'console.log(JSON.stringify([Object.keys(entry0), Object.keys(entry1)]))\n'
    expect(importProgram(['a', 'a/b'])).toBe(
      `import * as entry0 from 'a'\nimport * as entry1 from 'a/b'\n${print}`,
    )
    expect(requireProgram(['a', 'a/b'])).toBe(
      `import entry0 = require('a')\nimport entry1 = require('a/b')\n${print}`,
    )
  })
})
