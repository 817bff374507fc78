import { describe, expect, it } from 'vitest'
import { environment } from '../harness/environment.ts'
import { figure, median, quantile } from '../harness/figure.ts'
import { inTurn } from '../harness/in-turn.ts'
import { paired } from '../harness/paired.ts'
import { reportText } from '../harness/report.ts'
import { spread } from '../harness/spread.ts'

describe('paired', () => {
  it('runs both sides in turn, changes who begins, and throws warm-ups away', async () => {
    const order: string[] = []
    let value = 0
    const side = (name: string) => async () => {
      order.push(name)
      value += 1
      return value
    }
    const outcome = await paired({ ours: side('o'), peer: side('p'), rounds: 3, warmUps: 1 })
    expect(order.join('')).toBe('oppooppo')
    expect(outcome).toEqual({ ours: [4, 5, 8], peer: [3, 6, 7] })
  })
})

describe('inTurn', () => {
  it('runs all sides in turn, changes who begins, and throws warm-ups away', async () => {
    const order: string[] = []
    const side = (name: string) => async () => order.push(name)
    const sides = { a: side('a'), b: side('b'), c: side('c') }
    const measured = await inTurn({ sides, rounds: 2, warmUps: 1 })
    expect(order.join('')).toBe('abcbcacab')
    expect(measured.get('a')).toEqual([6, 8])
  })
})

describe('figure', () => {
  it('takes medians, and their ratio', () => {
    const what = { name: 'a', unit: 'ms', target: '<= 5' }
    expect(figure(what, [9, 1, 2], { name: 'b', values: [4, 3] })).toEqual({
      ...what,
      value: 2,
      peer: 'b',
      peerValue: 3.5,
      ratio: 0.571,
    })
    expect(figure(what, [1])).toMatchObject({ peer: null, peerValue: null, ratio: null })
  })

  it('has no median of nothing', () => expect(median([])).toBeNaN())
})

describe('spread', () => {
  const ours = Array.from({ length: 100 }, (_, index) => index + 1)

  it('has a figure for each part, with the target of its part', () => {
    const figures = spread({ name: 'a', unit: 'ms' }, { p95: '<= 5' }, ours, {
      name: 'b',
      values: [2, 1],
    })
    expect(
      figures.map(({ name, value, peerValue, target }) => [name, value, peerValue, target]),
    ).toEqual([
      ['a, p50', 50, 1, null],
      ['a, p95', 95, 2, '<= 5'],
      ['a, max', 100, 2, null],
    ])
  })

  it('has no part of nothing', () => expect(quantile([], 0.5)).toBeNaN())
})

describe('reportText', () => {
  it('is a table with the machine above it', () => {
    const figures = [figure({ name: 'exit', unit: 'ms', target: null }, [3])]
    const lines = reportText({ bench: 'lifecycle', environment: environment(), figures }).split(
      '\n',
    )
    expect(lines[0]).toContain(process.version)
    expect(lines.at(-1)).toMatch(/^exit\s+ms\s+3\s+-\s+-\s+-\s+-$/)
  })

  it('has further tables and notes below', () => {
    const tables = [{ title: 'Costs', head: ['keys', 'us'], rows: [[1000, 2.5]] }]
    const report = { bench: 'sweep', environment: environment(), figures: [], tables }
    const lines = reportText({ ...report, notes: ['Nothing skipped.'] }).split('\n')
    const from = lines.indexOf('Costs')
    expect(lines.slice(from)).toEqual([
      'Costs',
      '',
      'keys  us',
      '----  ---',
      '1000  2.5',
      '',
      'Nothing skipped.',
    ])
  })
})
