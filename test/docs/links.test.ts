import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchors, links } from './kit/markdown.ts'
import { pages, read, ROOT } from './kit/pages.ts'

describe.for(pages())('%s', (page) => {
  const local = links(read(page))
    .filter(({ target }) => !/^[a-z]+:/.test(target))
    .map(({ text, target }) => {
      const [path = '', anchor] = target.split('#')
      return { text, anchor, path: path === '' ? page : join(page, '..', path) }
    })

  it('has no link that leads nowhere', () => {
    for (const { path, text } of local) {
      expect(existsSync(join(ROOT, path)), `${text}: ${path}`).toBe(true)
    }
    for (const { path, anchor, text } of local.filter((link) => link.anchor !== undefined)) {
      expect(anchors(read(path)), `${text}: ${path}`).toContain(anchor)
    }
  })

  it('links names and quotations to sources that have them', () => {
    for (const { path, text } of local) {
      const [, quoted] = /^[`"](.+)[`"]$/.exec(text) ?? []
      // A link that is named after its file quotes nothing.
      if (quoted === undefined || !path.endsWith('.ts') || path.endsWith(quoted)) continue
      expect(read(path).includes(quoted), `"${quoted}" in ${path}`).toBe(true)
    }
  })

  it('names commands that are there', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, name = ''] of read(page).matchAll(/\bnpm run (?!--)([\w:-]+)/g)) {
      expect(Object.keys(scripts)).toContain(name)
    }
  })
})
