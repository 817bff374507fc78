import { describe, expect, it } from 'vitest'
import { plan } from '../../src/host/plan.ts'
import { literalFacts } from '../kit/literal-facts.ts'

const ETC = '/etc/systemd/system'
const GIB = 2 ** 30
const SERVICE = '[Service]\nExecStart=/usr/bin/worker\nRestart=on-failure\n'

describe('of a template, a plan', () => {
  const files = { '/usr/lib/systemd/system/worker@.service': SERVICE }
  const names = Array.from({ length: 100 }, (_, index) => `worker@${index}.service`)

  it('says once what all instances have in common', () => {
    const facts = literalFacts({ files, units: names, swapBytes: GIB })
    const { findings } = plan({ target: 'worker@.service', hardBytes: GIB }, facts)
    expect(findings).toEqual([
      {
        level: 'warning',
        code: 'swap_bypass',
        message: expect.stringMatching(
          /^worker@0\.service, worker@1\.service, worker@10\.service and 97 more: it can grow/,
        ),
      },
    ])
  })

  it('tells of an override that is taken away, as the request does not have it', () => {
    const first = plan(
      { target: 'worker@1.service', limits: { max: '4G' } },
      literalFacts({ files, units: ['worker@1.service'] }),
    )
    const own = Object.fromEntries(first.files.map(({ path, after = '' }) => [path, after]))
    const facts = literalFacts({ files: { ...files, ...own }, units: ['worker@1.service'] })
    const { findings } = plan({ target: 'worker@.service', limits: { max: '2G' } }, facts)
    expect(findings).toEqual([
      {
        level: 'warning',
        code: 'override_removed',
        message: expect.stringContaining('worker@1.service: '),
      },
    ])
  })

  it('in /etc beats the file of an instance in /run, as the path counts more than the name (P3)', () => {
    const first = plan({ target: 'worker@.service', hardBytes: GIB }, literalFacts())
    const own = Object.fromEntries(first.files.map(({ path, after = '' }) => [path, after]))
    const host = { files: { ...files, ...own }, units: ['worker@1.service'] }
    const asked = { target: 'worker@1.service', limits: { max: '4G' } }
    const { findings } = plan(asked, literalFacts({ ...host, persistence: 'runtime' }))
    expect(findings.map(({ level, code }) => `${level} ${code}`)).toEqual(['error file_replaced'])
    expect(plan(asked, literalFacts(host)).findings).toEqual([])
  })

  it('cannot come after a file with a letter first, and does not offer to', () => {
    const line = { [`${ETC}/worker@.service.d/memory-limit.conf`]: '[Service]\nMemoryMax=3G\n' }
    const facts = literalFacts({ files: { ...files, ...line }, units: ['worker@1.service'] })
    const [found] = plan({ target: 'worker@.service', hardBytes: GIB, order: '99' }, facts).findings
    expect(found).toMatchObject({ level: 'error', code: 'shadowed' })
    expect(found?.message).not.toContain('--order')
  })

  it('leaves a mask for one instance: a warning, as somebody has meant it so', () => {
    const mask = `${ETC}/worker@1.service.d/45-recycler-limits.conf`
    const facts = literalFacts({ files: { ...files, [mask]: null }, units: ['worker@1.service'] })
    const { findings, files: planned } = plan({ target: 'worker@.service', hardBytes: GIB }, facts)
    expect(findings.map(({ level, code }) => `${level} ${code}`)).toEqual([
      'warning foreign_edit',
      'warning file_replaced',
    ])
    expect(planned.map(({ path }) => path)).not.toContain(mask)
  })
})
