#!/usr/bin/env node
// The rules of CONTRIBUTING.md that a machine can check, over all files that git tracks or would add.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultExports, indexExports } from './house-rules/exports.mjs'
import { coreIsNeutral, imports, manifests } from './house-rules/imports.mjs'
import { noFocus, noMarkers, noSuppression } from './house-rules/leftovers.mjs'
import { fileNames } from './house-rules/names.mjs'
import { processMembers } from './house-rules/process.mjs'
import { selfTest } from './house-rules/self-test.mjs'
import { fileLength, medianLength, medianOfSources } from './house-rules/size.mjs'
import { sourceFile } from './house-rules/source-file.mjs'
import { timeFromClock } from './house-rules/time.mjs'
import { root } from './workspace.mjs'

const rules = [
  fileLength,
  medianLength,
  indexExports,
  defaultExports,
  fileNames,
  processMembers,
  timeFromClock,
  coreIsNeutral,
  imports,
  manifests,
  noMarkers,
  noFocus,
  noSuppression,
]

const usage = `node scripts/house-rules.mjs [--self-test]
  Prints each breach as "path:line rule: detail" and exits 1 when there is one.
  --self-test   proves instead that each rule fires on bad input and keeps quiet on good`

const looked = /\.(ts|mts|mjs|js|json|md|sh|lua|ya?ml)$|^\.ci\/run$/
const generated = /^pnpm-lock\.yaml$|^etc\/.*\.api\.md$|(^|\/)CHANGELOG\.md$/

function load() {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const paths = execFileSync('git', listing, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  return paths
    .split('\0')
    .filter((path) => looked.test(path) && !generated.test(path) && existsSync(join(root, path)))
    .toSorted()
    .map((path) => sourceFile(path, readFileSync(join(root, path), 'utf8')))
}

function report(lines, summary) {
  for (const line of lines) console.log(line)
  console.log(
    `${summary}, ${lines.length === 0 ? 'no' : lines.length} breach${lines.length === 1 ? '' : 'es'}`,
  )
  process.exitCode = lines.length === 0 ? 0 : 1
}

const args = process.argv.slice(2)
if (args.length > 1 || (args.length === 1 && args[0] !== '--self-test')) {
  const print = args[0] === '--help' ? console.log : console.error
  print(usage)
  process.exitCode = args[0] === '--help' ? 0 : 2
} else if (args[0] === '--self-test') {
  report(selfTest(rules), `${rules.length} rules proven`)
} else {
  const files = load()
  const sources = files.filter(({ place }) => place === 'src').length
  const breaches = rules.flatMap(({ name, check }) =>
    check(files).map(({ path, line, detail }) => `${path}:${line} ${name}: ${detail}`),
  )
  report(
    breaches,
    `${files.length} files, ${sources} sources of median ${medianOfSources(files)} lines`,
  )
}
