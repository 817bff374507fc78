import { describe, expect, it } from 'vitest'
import { helpText, readArguments } from '../arguments.ts'

const known = { machines: ['old', 'new'], suites: ['first', 'second'] }

describe('readArguments', () => {
  it('asks for every machine and every suite when none is named', () => {
    expect(readArguments([], known)).toEqual({
      ...known,
      json: false,
      rebuild: false,
      help: false,
    })
  })

  it('asks for what is named, in the order in which it is known', () => {
    const args = ['--machine', 'new', '--machine=old', '--only', 'second', '--json', '--rebuild']
    expect(readArguments(args, known)).toEqual({
      machines: ['old', 'new'],
      suites: ['second'],
      json: true,
      rebuild: true,
      help: false,
    })
  })

  it.each([
    [['--machine', 'other'], /^--machine: expected one of old, new, got other$/],
    [['--only', 'third'], /^--only: expected one of first, second, got third$/],
    [['--fast'], /--fast/],
    [['old'], /old/],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args, known)).toThrow(message)
  })
})

describe('helpText', () => {
  it('names every machine, suite and option', () => {
    const words = ['old, new', 'first, second', '--machine', '--only', '--json', '--rebuild']
    for (const word of words) expect(helpText(known)).toContain(word)
  })
})
