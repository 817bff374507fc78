import { basename, join } from 'node:path'
import { packageFolders, temp } from './workspace.mjs'

function packageChecks() {
  return packageFolders(['packages']).map((folder) => {
    const name = basename(folder)
    const tarball = join(temp, 'pack', `${name}.tgz`)
    return {
      name: `package:${name}`,
      needs: 'build',
      // What is published, not what lies in the folder: pnpm rewrites `workspace:` and `catalog:`.
      commands: [
        ['pnpm', '--dir', folder, 'pack', '--out', tarball],
        ['publint', 'run', tarball, '--strict'],
        ['attw', tarball, '--profile', 'esm-only', '--no-emoji'],
      ],
    }
  })
}

/** Every check except the tests, in the order in which they run; `needs` names one that must pass before. */
export function checks() {
  return [
    { name: 'format', commands: [['oxfmt', '--check']] },
    { name: 'lint', commands: [['oxlint']] },
    { name: 'types:src', commands: [['tsc', '-p', 'tsconfig.src.json']] },
    { name: 'types:all', commands: [['tsc', '-p', 'tsconfig.json']] },
    {
      name: 'house-rules',
      commands: [
        ['node', 'scripts/house-rules.mjs', '--self-test'],
        ['node', 'scripts/house-rules.mjs'],
      ],
    },
    { name: 'lock-file', commands: [['node', 'scripts/lock-file.mjs']] },
    { name: 'knip', commands: [['knip']] },
    {
      name: 'build',
      commands: [['pnpm', '--recursive', '--filter', './packages/*', 'run', 'build']],
    },
    ...packageChecks(),
    { name: 'api', needs: 'build', commands: [['node', 'scripts/api-report.mjs']] },
  ]
}
