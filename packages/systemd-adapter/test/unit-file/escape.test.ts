import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { assertOneLine, escapeSpecifiers, quoteArgument } from '../../src/unit-file/escape.ts'
import { askSystemd, reasonNotToAsk } from '../kit/oracle.ts'
import { scratchDirectory } from '../kit/scratch-directory.ts'
import { writeTree } from '../kit/tree.ts'

const reason = reasonNotToAsk()

test.each([
  ['plain', 'plain'],
  ['/usr/bin/x-y_z:1', '/usr/bin/x-y_z:1'],
  ['', '""'],
  ['a b', '"a b"'],
  ['-n', '"-n"'],
  ['a"b', String.raw`"a\"b"`],
  ["it's", `"it's"`],
  [String.raw`a\b`, String.raw`"a\\b"`],
  ['$HOME', '"$$HOME"'],
  ['${HOME}', '"$${HOME}"'],
  ['100%', '100%%'],
  ['%n %i', '"%%n %%i"'],
  [';', '";"'],
  ['#x', '"#x"'],
])('%j becomes %s', (text, quoted) => {
  expect(quoteArgument(text)).toBe(quoted)
})

test('what would end a line, or make systemd give the file up, is refused', () => {
  for (const bad of ['\n', '\r', '\0', '\t', '\u007F', '\uD800', '\uFFFE', '\uFDD0', '\u{1FFFF}']) {
    expect(() => quoteArgument(`a${bad}b`)).toThrow(TypeError)
    expect(() => assertOneLine('a value', `a${bad}b`)).toThrow(/^Expected a value without/)
  }
  expect(() => assertOneLine('a value', 'é 😀')).not.toThrow()
})

test('a specifier stands for itself', () => {
  expect(escapeSpecifiers('50%%n')).toBe('50%%%%n')
})

/** Out of the quotes that a dump puts for a shell, and `$$` as it is when the command starts. */
function fromDump(line: string): readonly string[] {
  const words = line.match(/"(?:[^"\\]|\\.)*"|\$'(?:[^'\\]|\\.)*'|[^ ]+/gs) ?? []
  return words.map((word) => {
    const inner = word.startsWith('"') ? word.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : word
    expect(inner.replaceAll('$$', '')).not.toContain('$')
    return inner.replaceAll('$$', '$')
  })
}

describe.skipIf(reason)(`arguments${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('come to the command of the real systemd as they were, whatever is in them', async () => {
    const piece = fc.constantFrom(
      'a',
      ' ',
      '"',
      "'",
      '\\',
      '$',
      '${X}',
      '$X',
      '%',
      '%n',
      '%%',
      ';',
      '#',
      '\\n',
      '\\x41',
      '-',
      '@',
      '=',
      '*',
      '~',
      '`',
      '!',
      'é',
      '😀',
      '\u0085',
      '\u2028',
    )
    const argument = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''))
    const commands = fc.sample(fc.array(argument, { minLength: 1, maxLength: 5 }), {
      seed: 252,
      numRuns: 500,
    })
    const root = scratchDirectory()
    const unit = (at: number) => `e${at}.service`
    for (const [at, args] of commands.entries()) {
      const line = args.map((each) => quoteArgument(each)).join(' ')
      writeTree(root, {
        [unit(at)]:
          `[Service]\nExecStart=/bin/true\nSlice=e.slice\nExecStopPost=/bin/echo ${line}\n`,
      })
    }
    const { seen } = await askSystemd(
      [root],
      commands.map((_, at) => unit(at)),
    )
    for (const [at, args] of commands.entries()) {
      const [line = ''] = seen.get(unit(at))?.commands['ExecStopPost'] ?? []
      expect(fromDump(line)).toEqual(['/bin/echo', ...args])
    }
  })
})
