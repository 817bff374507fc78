import { parseArgs } from 'node:util'
import { bullmq } from './bullmq/bullmq.ts'
import { fetch } from './fetch/fetch.ts'
import type { Benchmark } from './harness/benchmark.ts'
import { environment } from './harness/environment.ts'
import { reportText, type BenchReport } from './harness/report.ts'
import { lifecycle } from './lifecycle/lifecycle.ts'
import { monitor } from './monitor/monitor.ts'
import { recovery } from './recovery/recovery.ts'
import { sweep } from './sweep/sweep.ts'
import { systemd } from './systemd/systemd.ts'

const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  lifecycle,
  fetch,
  recovery,
  sweep,
  monitor,
  systemd,
  bullmq,
}

const HELP = `Usage: npm run bench -- NAME [--json]

Measures us and a peer in turn, in one run, and prints medians and ratios.

${Object.entries(BENCHMARKS)
  .map(([name, { about }]) => `  ${name.padEnd(12)}${about}`)
  .join('\n')}

  --json      print one JSON object: { bench, environment, figures, tables, notes }
  --help      this text`

process.exitCode = await main()

async function main(): Promise<number> {
  let parsed
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    return misused(error instanceof Error ? error.message : String(error))
  }
  const { values, positionals } = parsed
  if (values.help) {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const [name, ...more] = positionals
  const benchmark = name !== undefined && Object.hasOwn(BENCHMARKS, name) && BENCHMARKS[name]
  if (name === undefined || more.length > 0 || !benchmark) {
    return misused(`Expected one of: ${Object.keys(BENCHMARKS).join(', ')}`)
  }
  const report: BenchReport = {
    bench: name,
    environment: environment(),
    ...(await benchmark.run((line) => process.stderr.write(`${line}\n`))),
  }
  process.stdout.write(`${values.json ? JSON.stringify(report) : reportText(report)}\n`)
  return 0
}

function misused(message: string): number {
  process.stderr.write(`${message}\n\n${HELP}\n`)
  return 2
}
