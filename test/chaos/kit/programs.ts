import { fileURLToPath } from 'node:url'
import { bundledPrograms } from '../../bundle.ts'

const source = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url))

/** Bundles the named fixtures; gives the path of each. */
export function fixturePrograms<Name extends string>(
  ...names: readonly Name[]
): (name: Name) => string {
  return bundledPrograms(Object.fromEntries(names.map((name) => [name, source(name)])))
}
