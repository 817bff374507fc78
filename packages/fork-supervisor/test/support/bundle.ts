import { fileURLToPath } from 'node:url'
import { bundledPrograms } from '../../../../test/bundle.ts'

const FIXTURES = [
  'polite',
  'leaky',
  'deaf',
  'crash',
  'garbage',
  'unsupervised',
  'brief',
  'parent',
  'asking',
  'recycler',
  'slow',
]

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** Bundles worker programs from the sources for the tests of one file; gives the path of each. */
export function bundled(): (name: string) => string {
  return bundledPrograms({
    ...Object.fromEntries(FIXTURES.map((name) => [name, path(`test/fixtures/${name}.ts`)])),
    cli: path('src/cli/main.ts'),
    plain: path('test/fixtures/plain.mjs'),
    relay: path('test/fixtures/relay.mjs'),
  })
}
