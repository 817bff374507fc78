/** Registers one test. `skip` is used, where the runner has it, for what an adapter does not support. */
export interface RegisterTest {
  (title: string, test: () => Promise<void>): unknown
  readonly skip?: (title: string, test: () => Promise<void>) => unknown
}

/** The part of a test runner that the contract suites need: vitest's and `node:test`'s fit as they are. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown
  readonly it: RegisterTest
}

/** Registers a group of rules or, in its place, one skipped test that says why there is none. */
export function group(
  runner: TestRunner,
  name: string,
  body: () => void,
  missing: string | false = false,
): void {
  if (missing === false) runner.describe(name, body)
  else report(runner, `${name}: ${missing}`)
}

/** Says by name that rules are not run: as a skipped test, or as one that does nothing. */
export function report(runner: TestRunner, title: string): void {
  const register = runner.it.skip ?? runner.it
  register(title, async () => {})
}
