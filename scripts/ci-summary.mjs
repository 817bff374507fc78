// Counts what .ci/run ran, from what the runners wrote and from their exit codes: a green end needs both.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder, ...codes] = process.argv.slice(2)
const [testsCode, checksCode, demoCode] = codes.map(Number)

function read(file) {
  try {
    return JSON.parse(readFileSync(join(folder, file), 'utf8'))
  } catch {
    return null
  }
}

/** A runner that failed without naming a failure counts as one. */
function settle(name, counts, code) {
  if (code === 0 || counts.failed > 0) return counts
  console.log(`${name}: exit code ${code}`)
  return { ...counts, failed: 1 }
}

function tests() {
  const report = read('tests.json')
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const file of report?.testResults ?? []) {
    const before = counts.failed
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') counts.passed++
      else if (status === 'failed') counts.failed++
      else counts.skipped++
      if (status === 'failed') console.log(`failed: ${fullName}`)
    }
    // A file that could not be loaded, or whose hooks failed, has no failed test to show for it.
    if (file.status === 'failed' && counts.failed === before) {
      counts.failed++
      console.log(`failed: ${file.name}`)
    }
  }
  if (counts.passed + counts.failed === 0) {
    console.log('tests: none was executed')
    counts.failed = 1
  }
  return settle('tests', counts, testsCode)
}

function checks() {
  const report = read('checks.json')
  const { passed = 0, failed = 0, skipped = 0 } = report ?? {}
  for (const { name, outcome } of report?.checks ?? []) {
    if (outcome === 'failed') console.log(`failed: check ${name}`)
  }
  if (passed + failed > 0) return settle('checks', { passed, failed, skipped }, checksCode)
  console.log('checks: none was executed')
  return { passed, failed: 1, skipped }
}

function demo() {
  const sound = demoCode === 0 && read('demo.json') !== null
  if (!sound) console.log(`failed: demo (exit code ${demoCode})`)
  return { passed: sound ? 1 : 0, failed: sound ? 0 : 1, skipped: 0 }
}

const all = [tests(), checks(), demo()]
const sum = (key) => all.reduce((total, counts) => total + counts[key], 0)
const failed = sum('failed')
process.exitCode = failed === 0 ? 0 : 1
console.log(`${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped`)
