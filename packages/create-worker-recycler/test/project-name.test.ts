import { describe, expect, it } from 'vitest'
import { nameFault, nameFrom, serviceName } from '../src/project-name.ts'

describe('the name of a project', () => {
  it.for(['mailer', 'a', '4-real', '@acme/mailer', 'x.y_z', 'a'.repeat(214)])(
    'may be %j',
    (name) => {
      expect(nameFault(name)).toBeUndefined()
    },
  )

  it.for([
    ['', ' ', '.', '..', '.hidden', '_private', '-rf', 'My-App', 'a b', 'a/b', '../a', '/etc'],
    ['@acme', '@acme/', '@/mailer', '@acme/a/b', '@../a', '@acme/..', 'a\nb', 'a\0', 'ä', 'a"b'],
    ['node_modules', '@acme/node_modules', 'favicon.ico', 'fs', 'http', 'a'.repeat(215)],
  ])('may be none of %j', (names) => {
    for (const name of names) expect(nameFault(name), JSON.stringify(name)).toBeDefined()
  })

  it('comes from the directory, as near as npm allows', () => {
    expect(nameFrom('mailer')).toBe('mailer')
    expect(nameFrom('My App (2)')).toBe('my-app-2')
    expect(nameFrom('.config')).toBe('config')
    expect(nameFrom('___')).toBe('')
  })

  it('becomes one that a unit, a user and a folder can have', () => {
    for (const name of ['@acme/mailer', '4-real', 'x.y_z', `${'ab-'.repeat(70)}c`]) {
      expect(serviceName(name)).toMatch(/^[a-z][a-z0-9-]{0,29}[a-z0-9]$/)
    }
    expect(serviceName('@acme/mailer')).toBe('mailer')
  })
})
