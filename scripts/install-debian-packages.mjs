import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { say } from './say.mjs'

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function missingOf(packages) {
  return packages.filter(({ command, file }) => !(file ? existsSync(file) : onPath(command)))
}

function aptGet(...args) {
  return spawnSync(
    'apt-get',
    ['--quiet', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=1', ...args],
    {
      encoding: 'utf8',
      // Without systemd, no package starts its service in this runlevel; tests start their own.
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
}

function explain(packages, consequence, reason = '') {
  const names = packages.map((entry) => entry.package).join(' ')
  const uses = packages.map((entry) => entry.usedBy).join('; ')
  say(
    `${names} is not installed${reason}, so ${consequence}: ${uses}. ` +
      `On Debian: "apt-get install ${names}" as root.`,
  )
}

/**
 * Installs those of the Debian packages that are missing, when run as root where there is apt-get.
 * Never throws: what cannot be installed is named, with the consequence. Returns whether all are there.
 */
export function installDebianPackages(packages, consequence) {
  const wanted = missingOf(packages)
  if (wanted.length === 0) return true
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    explain(wanted, consequence)
    return false
  }

  const names = wanted.map((entry) => entry.package)
  process.stderr.write(`worker-recycler: installing ${names.join(' ')} with apt-get ... `)
  const update = aptGet('update')
  // A list that is a little old still installs; only the second step decides.
  const install = aptGet('install', '--yes', '--no-install-recommends', ...names)
  const left = missingOf(packages)
  process.stderr.write(left.length === 0 ? 'done\n' : 'failed\n')
  if (left.length === 0) return true
  const words = `${update.stderr ?? ''}${install.stderr ?? ''}`.trim().split('\n')
  const reason = words.findLast((line) => line.startsWith('E:')) ?? `exit code ${install.status}`
  explain(left, consequence, ` (apt-get: ${reason})`)
  return false
}
