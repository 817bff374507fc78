import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail } from './say.mjs'
import { packageFolders, pinnedPnpm, root } from './workspace.mjs'

const stampFile = join(root, 'node_modules', '.bootstrap-stamp')
const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|META_FETCH_FAIL/

/** Everything that decides what an install lays down. */
function stamp() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${pinnedPnpm()}`)
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']
  for (const folder of packageFolders()) files.push(`${folder}/package.json`)
  for (const file of files) hash.update(`\n${file}\n`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

function explain(output) {
  const again = `npx --yes ${pinnedPnpm()} install`
  if (output.includes('ERR_PNPM_OUTDATED_LOCKFILE')) {
    return `pnpm-lock.yaml does not fit the package.json files: run "${again}" and commit the lock file.`
  }
  if (offline.test(output)) {
    return 'the package registry cannot be reached: check the network, then run the same command again.'
  }
  return `dependencies could not be installed: "${again}" in ${root} shows it in full.`
}

/**
 * Installs what the lock file names, by the pinned pnpm through npx, unless the last install was for
 * the same files. One line on stderr; pnpm's own words only when it fails.
 */
export function installDependencies() {
  const wanted = stamp()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return

  const started = Date.now()
  process.stderr.write(`worker-recycler: installing dependencies with ${pinnedPnpm()} ... `)
  // `npm run --silent` would silence the reason of a failure too.
  const env = { ...process.env }
  delete env.npm_config_loglevel
  // Without a network, say so soon: the defaults wait for more than a minute.
  env.npm_config_fetch_retry_mintimeout = '1000'
  env.npm_config_fetch_retry_maxtimeout = '5000'
  const install = [
    'install',
    '--frozen-lockfile',
    '--prod=false',
    '--config.confirmModulesPurge=false',
  ]
  const result = spawnSync('npx', ['--yes', pinnedPnpm(), ...install], {
    cwd: root,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (result.error) {
    process.stderr.write('failed\n')
    fail(`npx could not be run (${result.error.message}): install npm, which comes with Node.js.`)
  }
  if (result.status !== 0) {
    const output = `${result.stdout}${result.stderr}`
    process.stderr.write(`failed\n${output.trimEnd().split('\n').slice(-15).join('\n')}\n`)
    fail(explain(output))
  }
  writeFileSync(stampFile, wanted)
  process.stderr.write(`done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}
