import { describe, expect, it } from 'vitest'
import { keyRules } from '../../packages/redis-fetch/src/driver/key-rules.ts'
import { NEEDED_COMMANDS } from '../../packages/redis-fetch/src/driver/needed-commands.ts'
import { layoutOf } from '../../packages/redis-fetch/src/layout/layouts.ts'
import { read } from './kit/pages.ts'

const page = read('packages/redis-fetch/README.md')

/** The lines of the block after `<!-- acl: name -->`. */
function lines(name: string): string[] {
  const [, block = ''] = new RegExp(`<!-- acl: ${name} -->\n+\`\`\`text\n([^\`]+)`).exec(page) ?? []
  return block.split('\n').filter((line) => line !== '')
}

const rulesOf = ({ name, channel }: (typeof NEEDED_COMMANDS)[number]) =>
  channel === undefined ? [`+${name}`] : [`+${name}`, channel]

describe('the ACL rules of packages/redis-fetch/README.md', () => {
  it('have the keys of each layout', () => {
    expect(lines('keys').map((line) => line.split(/ +/))).toEqual(
      (['native', 'sidekiq'] as const).map((name) => {
        return [name, ...keyRules(layoutOf(name)).map(({ pattern }) => `~${pattern}`)]
      }),
    )
  })

  it('have the commands without which nothing works', () => {
    const needed = NEEDED_COMMANDS.filter((each) => !each.without && !each.only)
    expect(lines('needed').join(' ').split(' ')).toEqual(needed.flatMap(rulesOf))
  })

  it('have the others, and where each is sent', () => {
    const shown = lines('optional').map((line) => line.split(/ +/))
    const anywhere = shown.filter(([first = '']) => first.startsWith('+')).flat()
    const others = NEEDED_COMMANDS.filter((each) => each.without && !each.only)
    expect(anywhere).toEqual(others.flatMap(rulesOf))
    for (const only of ['sidekiq', 'cluster'] as const) {
      const [, ...rules] = shown.find(([first]) => first === only) ?? []
      const own = NEEDED_COMMANDS.filter((each) => each.only === only)
      expect(rules, only).toEqual(own.flatMap(rulesOf))
    }
  })
})
