import { fileURLToPath } from 'node:url'
import { defineProject, type UserWorkspaceConfig } from 'vitest/config'

const conditions = ['@worker-recycler/source', 'node', 'import', 'module', 'default']

/** What every test project shares: packages resolve to their sources, console output fails a test. */
export function testProject(name: string, include: string[]): UserWorkspaceConfig {
  return defineProject({
    resolve: { conditions },
    ssr: { resolve: { conditions, externalConditions: conditions } },
    test: {
      name,
      include,
      setupFiles: [fileURLToPath(new URL('./test/setup.ts', import.meta.url))],
      // Real processes on a loaded machine take their time; a hang is what these are for.
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  })
}
