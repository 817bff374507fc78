import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HOOK_SCRIPT } from '../../src/death/hook-script.ts'

/** The shells of this machine that run the hook: `/bin/sh`, and those that it may be elsewhere. */
export const SHELLS: readonly string[] = [
  '/bin/sh',
  '/bin/dash',
  '/bin/bash',
  '/bin/busybox',
].filter((path) => existsSync(path))

/** What systemd gives the hook, and what the test does. */
export interface HookRun {
  readonly shell?: string
  readonly unit: string
  readonly spool: string
  readonly env: Readonly<Record<string, string>>
  /** Programs that stand first in the path. */
  readonly bin?: string
}

/** How it ended. */
export interface HookEnd {
  readonly code: number | string
  readonly output: string
}

/** Writes the hook into a directory, as the plan does; gives a function that runs it as systemd does. */
export function hookIn(directory: string): (run: HookRun) => Promise<HookEnd> {
  const path = join(directory, 'death-record')
  writeFileSync(path, HOOK_SCRIPT, { mode: 0o755 })
  return async ({ shell = '/bin/sh', unit, spool, env, bin }) => {
    const before = shell.endsWith('busybox') ? ['sh'] : []
    const PATH = bin === undefined ? '/usr/bin:/bin' : `${bin}:/usr/bin:/bin`
    try {
      const { stdout, stderr } = await promisify(execFile)(shell, [...before, path, unit, spool], {
        env: { PATH, ...env },
        cwd: directory,
      })
      return { code: 0, output: stdout + stderr }
    } catch (error) {
      const { code, signal, stdout, stderr } = error as Readonly<Record<string, string>>
      return { code: signal ?? code ?? '', output: `${stdout}${stderr}` }
    }
  }
}
