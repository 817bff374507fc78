import { describe, expect, it } from 'vitest'
import { environment } from '../harness/environment.ts'
import { figure, median } from '../harness/figure.ts'
import { paired } from '../harness/paired.ts'
import { reportText } from '../harness/report.ts'

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

describe('reportText', () => {
  it('is a table with the machine above it', () => {
    const figures = [figure({ name: 'exit', unit: 'ms', target: null }, [3])]
    const lines = reportText({ bench: 'lifecycle', environment: environment(), figures }).split(
      '\n',
    )
    expect(lines[0]).toContain(process.version)
    expect(lines.at(-1)).toMatch(/^exit\s+ms\s+3\s+-\s+-\s+-\s+-$/)
  })
})
