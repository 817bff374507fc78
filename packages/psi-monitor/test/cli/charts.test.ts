import { describe, expect, it } from 'vitest'
import { bar } from '../../src/cli/bar.ts'
import { chart, sparkline } from '../../src/cli/chart.ts'
import { glyphsFor } from '../../src/cli/glyphs.ts'

const blocks = glyphsFor({ LANG: 'C.UTF-8' })
const ascii = glyphsFor({})

describe('a bar', () => {
  it.each([
    [0, '░░░░░░░░░░', '..........'],
    [0.0001, '▏░░░░░░░░░', '#.........'],
    [0.25, '██▌░░░░░░░', '###.......'],
    [0.5, '█████░░░░░', '#####.....'],
    [0.9875, '█████████▉', '##########'],
    [1, '██████████', '##########'],
    [1.7, '██████████', '##########'],
  ])('shows %d of its length', (ratio, inBlocks, inAscii) => {
    expect(bar(ratio, 10, blocks)).toBe(inBlocks)
    expect(bar(ratio, 10, ascii)).toBe(inAscii)
  })
})

describe('a sparkline', () => {
  it('spreads values from its bottom to its top', () => {
    const values = [0, 1, 2, 3, 4, 5, 6, 7]
    expect(sparkline(values, { low: 0, high: 7 }, blocks)).toBe('▁▂▃▄▅▆▇█')
    expect(sparkline(values, { low: 0, high: 7 }, ascii)).toBe('_..-=**#')
  })

  it('tells little from nothing, and leaves a gap for what is not known', () => {
    const values = [undefined, 0, 0.001, 0, 1, 2]
    expect(sparkline(values, { low: 0, high: 1 }, blocks)).toBe(' ▁▂▁██')
  })

  it('is empty without values', () => {
    expect(sparkline([], { low: 0, high: 1 }, blocks)).toBe('')
  })
})

describe('a chart', () => {
  it('stacks its lines, the top one first', () => {
    const values = [10, 11, 20, 25, 30, 40, undefined]
    expect(chart(values, { low: 10, high: 40 }, 3, blocks)).toEqual([
      '     █ ',
      '  ▁▅██ ',
      '▁▂████ ',
    ])
  })

  it('does so in ASCII', () => {
    expect(chart([0, 5, 10], { low: 0, high: 10 }, 2, ascii)).toEqual([' _#', '_##'])
  })
})

it.each([
  [{ LC_ALL: 'C', LC_CTYPE: 'en_GB.UTF-8', LANG: 'en_GB.UTF-8' }, ascii],
  [{ LC_ALL: '', LC_CTYPE: 'C.utf8' }, blocks],
  [{ LANG: 'de_DE.UTF-8' }, blocks],
  [{ LANG: 'de_DE.ISO-8859-1' }, ascii],
])('the locale %j decides which characters a chart is made of', (env, glyphs) => {
  expect(glyphsFor(env)).toBe(glyphs)
})
