import { describe, expect, it } from 'vitest'
import { sidekiqLayout } from '../../src/layout/sidekiq.ts'
import { allKeys } from './all-keys.ts'

const WHO = 'web-1:42:0a1b2c3d4e5f'

describe('the layout of Sidekiq', () => {
  it('has the keys of Sidekiq and of the GitLab fetcher', () => {
    const layout = sidekiqLayout()
    expect(allKeys(layout.queue('mail'), WHO)).toEqual({
      wait: 'queue:mail',
      suspects: 'wr:suspects:mail',
      scheduled: 'schedule',
      retry: 'retry',
      dead: 'dead',
      quarantine: 'interrupted',
      work: `working:queue:mail:${WHO}`,
      recovering: `working:queue:mail:${WHO}`,
      reservation: `wr:id:${WHO}`,
    })
    expect(allKeys(layout.fleet, 'x')).toEqual({
      workers: 'wr:workers',
      names: 'wr:names',
      keeper: 'wr:keeper',
      due: 'wr:due',
      queues: 'queues',
      keeperBell: 'wr:bell',
      worker: 'wr:worker:x',
      fence: 'wr:fence:x',
      bell: 'wr:bell:x',
      suspectBell: 'wr:suspect-bell:x',
      cohort: 'wr:cohort:x',
    })
    expect(layout.workPattern).toBe('working:queue:*')
    expect(layout.foreignHeartbeat?.(WHO)).toBe('reliable-fetcher-heartbeat-web-1-42-0a1b2c3d4e5f')
  })

  it('writes a namespace before every key', () => {
    const plain = sidekiqLayout()
    const spaced = sidekiqLayout('ns:')
    const keys = ({ fleet, ...layout }: typeof plain) => [
      ...Object.values(allKeys(fleet, WHO)),
      ...Object.values(allKeys(layout.queue('mail'), WHO)),
      layout.workPattern,
      layout.foreignHeartbeat?.(WHO),
    ]
    expect(keys(spaced)).toEqual(keys(plain).map((key) => `ns:${key}`))
    const work = spaced.queue('mail').work(WHO)
    expect(spaced.parseWork(work)).toEqual({ queue: 'mail', identity: WHO })
    expect(plain.parseWork(work)).toBeUndefined()
  })

  it('writes times as seconds', () => {
    const layout = sidekiqLayout()
    expect(layout.score(1_767_225_600_123)).toBe('1767225600.123')
    expect(layout.score(1_767_225_600_000.4)).toBe('1767225600')
    // As Ruby writes them.
    expect(layout.epochMsOf(1_767_225_600.123_456_7)).toBe(1_767_225_600_123)
  })

  it.for<[string, string | undefined, string?]>([
    [`working:queue:mail:${WHO}`, 'mail', WHO],
    // Queues may have colons and look like a part of an identity.
    [`working:queue:a:1:b:${WHO}`, 'a:1:b', WHO],
    ['working:queue:mail:0123456789abcdef:h:1:ff', 'mail:0123456789abcdef', 'h:1:ff'],
    ['working:queue:queue:mail:h:1:ff', 'queue:mail', 'h:1:ff'],
    // Before version 0.8 of the fetcher.
    ['working:queue:mail:web-1:42', 'mail', 'web-1:42'],
    ['working:queue:a:b:web-1:42', 'a:b', 'web-1:42'],
    ['working:queue:mail:web-1:42:XYZ', undefined],
    ['working:queue:mail:web-1:pid:ff', undefined],
    ['working:queue:web-1:42:ff', undefined],
    ['working:queue:mail', undefined],
    ['working:mail:web-1:42:ff', undefined],
    ['queue:mail', undefined],
  ])('%s is a list of %s', ([key, queue, identity]) => {
    expect(sidekiqLayout().parseWork(key)).toEqual(
      queue === undefined ? undefined : { queue, identity },
    )
  })
})
