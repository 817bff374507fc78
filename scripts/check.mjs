#!/usr/bin/env node
// Runs all checks except the tests, one after the other, and goes on after a failure.
import { spawnSync } from 'node:child_process'
import { checks } from './checks.mjs'
import { root } from './workspace.mjs'

const usage = `npm run check -- [--only NAME]... [--json]
  --only NAME   runs this check alone; "package" stands for all that begin with "package:"
  --json        prints { passed, failed, skipped, checks: [{ name, outcome, seconds, output }] } on
                stdout, and the lines for people on stderr
  --help        this text, and the names of the checks

Checks: ${checks()
  .map(({ name }) => name)
  .join(', ')}`

function parse(args) {
  const options = { only: [], json: false, help: false, fault: null }
  for (let at = 0; at < args.length; at++) {
    if (args[at] === '--only' && args[at + 1] !== undefined) options.only.push(args[++at])
    else if (args[at] === '--json') options.json = true
    else if (args[at] === '--help') options.help = true
    else options.fault = `unknown argument or missing value: ${args[at]}`
  }
  const known = checks()
  const unknown = options.only.find((name) => !known.some((check) => isNamed(check, name)))
  if (unknown !== undefined) options.fault = `no check is called ${unknown}`
  return options
}

const isNamed = (check, name) => check.name === name || check.name.startsWith(`${name}:`)

function run(commands) {
  const output = []
  for (const command of commands) {
    const result = spawnSync(process.execPath, ['scripts/bootstrap.mjs', ...command], {
      cwd: root,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 15 * 60_000,
    })
    output.push(`$ ${command.join(' ')}\n${result.stdout}${result.stderr}`.trimEnd())
    if (result.status === 0) continue
    if (result.error) output.push(String(result.error))
    return { outcome: 'failed', output: output.join('\n') }
  }
  return { outcome: 'ok', output: output.join('\n') }
}

function runAll(selected, print) {
  const results = []
  const width = Math.max(...selected.map(({ name }) => name.length))
  for (const { name, needs, commands } of selected) {
    const started = performance.now()
    const before = results.find((result) => result.name === needs)
    const blocked = before !== undefined && before.outcome !== 'ok'
    const { outcome, output } = blocked
      ? { outcome: 'skipped', output: `not run, because "${needs}" failed` }
      : run(commands)
    const seconds = Math.round((performance.now() - started) / 100) / 10
    results.push({ name, outcome, seconds, output })
    print(`${name.padEnd(width)}  ${outcome.padEnd(7)}  ${seconds.toFixed(1).padStart(5)} s`)
    if (outcome !== 'ok') print(output.replaceAll(/^/gm, '    '))
  }
  return results
}

const options = parse(process.argv.slice(2))
if (options.help) {
  console.log(usage)
} else if (options.fault !== null) {
  console.error(`${options.fault}\n${usage}`)
  process.exitCode = 2
} else {
  const print = options.json ? console.error : console.log
  const selected = checks().filter(
    (check) => options.only.length === 0 || options.only.some((name) => isNamed(check, name)),
  )
  const results = runAll(selected, print)
  const count = (wanted) => results.filter(({ outcome }) => outcome === wanted).length
  const totals = { passed: count('ok'), failed: count('failed'), skipped: count('skipped') }
  print(`checks: ${totals.passed} ok, ${totals.failed} failed, ${totals.skipped} not run`)
  if (options.json) console.log(JSON.stringify({ ...totals, checks: results }))
  process.exitCode = totals.failed === 0 ? 0 : 1
}
