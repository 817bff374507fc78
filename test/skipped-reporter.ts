import type { Reporter, TestModule } from 'vitest/node'

/** Prints each test that was skipped when tests are not picked by name: its title, or its note, says why. */
export default class SkippedReporter implements Reporter {
  #picked = false

  onInit(vitest: Parameters<NonNullable<Reporter['onInit']>>[0]): void {
    this.#picked = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#picked) return
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result()
        const note = result.state === 'skipped' && result.note ? ` (${result.note})` : ''
        process.stdout.write(`skipped: ${test.project.name}: ${test.fullName}${note}\n`)
      }
    }
  }
}
