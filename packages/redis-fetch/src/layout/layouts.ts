import type { Layout } from './layout.ts'
import { nativeLayout } from './native.ts'
import { sidekiqLayout } from './sidekiq.ts'

/** The layout of that name. `prefix` defaults to `wr` in the native layout, and to none in Sidekiq's. */
export function layoutOf(name: 'native' | 'sidekiq', prefix?: string): Layout {
  switch (name) {
    case 'native':
      return nativeLayout(prefix)
    case 'sidekiq':
      return sidekiqLayout(prefix)
    default:
      throw new TypeError(
        `Expected \`layout\` to be 'native' or 'sidekiq', got ${JSON.stringify(name)}`,
      )
  }
}
