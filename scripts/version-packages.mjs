#!/usr/bin/env node
// Turns the changesets into versions and changelogs. While at 0.x every minor leaves the range `^0.y`,
// and changesets answers that with a major for each package that has core as its peer. So the range is
// open up to 1.0.0 (core refuses at start an adapter whose contract it does not speak), and its lower
// bound, which the tool leaves alone, is raised here: an adapter is tried with the core of its release.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageFolders, readJson, root } from './workspace.mjs'

const core = '@worker-recycler/core'

function run(...command) {
  const { status } = spawnSync(process.execPath, ['scripts/bootstrap.mjs', ...command], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

run('changeset', 'version')
const { version } = readJson(join(root, 'packages/core/package.json'))
for (const folder of packageFolders(['packages'])) {
  const file = join(root, folder, 'package.json')
  const range = readJson(file).peerDependencies?.[core]
  if (range === undefined || !range.includes('<1.0.0')) continue
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace(`"${range}"`, `"workspace:>=${version} <1.0.0"`))
}
run('pnpm', 'install', '--lockfile-only')
