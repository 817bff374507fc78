import assert from 'node:assert/strict'
import { CONTRACT, type Adapter } from '../contracts/adapter.ts'

/** Checks what every adapter says about itself: that it is complete, and true of its members. */
export function assertDeclared<Supports extends object>(
  adapter: Adapter<string, Supports>,
  kind: string,
  members: Readonly<Record<keyof Supports & string, string | undefined>>,
): void {
  assert.equal(adapter.kind, kind, '`kind`')
  assert.equal(adapter.contract, CONTRACT, '`contract`')
  assert.match(adapter.name, /^\S+$/, '`name` is one word, for events and logs')
  for (const [flag, member] of Object.entries<string | undefined>(members)) {
    const supported: unknown = Reflect.get(adapter.supports, flag)
    assert.equal(typeof supported, 'boolean', `\`supports.${flag}\` is true or false`)
    if (supported === true && member !== undefined) {
      const given: unknown = Reflect.get(adapter, member)
      assert.notEqual(given, undefined, `\`supports.${flag}\` promises the member \`${member}\``)
    }
  }
}
