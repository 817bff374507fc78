import { describe, expect, it } from 'vitest'
import { helpText, readArguments } from '../arguments.ts'

describe('readArguments', () => {
  it('asks for every supported version, built anew, when none is named', () => {
    const nodes = ['20', '22', '24', '26']
    expect(readArguments([])).toEqual({ nodes, build: true, json: false, help: false })
  })

  it('asks for what is named, once', () => {
    const args = [
      '--node',
      '20.19.0',
      '--node=current',
      '--node',
      'current',
      '--no-build',
      '--json',
    ]
    const nodes = ['20.19.0', 'current']
    expect(readArguments(args)).toEqual({ nodes, build: false, json: true, help: false })
  })

  it.each([
    [['--node', 'lts'], /^--node: expected a version such as 22 or 20\.19\.0, got lts$/],
    [['--node', '22; rm'], /^--node: /],
    [['--fast'], /--fast/],
    [['22'], /22/],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(message)
  })
})

describe('helpText', () => {
  it('names every option', () => {
    for (const word of ['--node', '--no-build', '--json', '20, 22, 24, 26']) {
      expect(helpText).toContain(word)
    }
  })
})
