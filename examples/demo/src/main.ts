import { runDemo } from './demo.ts'
import { HELP, parseOptions } from './options.ts'
import { report } from './view/report.ts'
import { liveView, plainView, silentView } from './view/view.ts'

process.exitCode = await main()

async function main(): Promise<number> {
  let options: ReturnType<typeof parseOptions>
  try {
    options = parseOptions(process.argv.slice(2))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}\n`)
    return 2
  }
  if (options === 'help') {
    process.stdout.write(`${HELP}\n`)
    return 0
  }
  const view = options.json
    ? silentView
    : process.stdout.isTTY
      ? liveView(process.stdout)
      : plainView(process.stdout)
  const interrupted = new AbortController()
  process.once('SIGINT', () => interrupted.abort())
  process.once('SIGTERM', () => interrupted.abort())
  const audit = await runDemo(options, view, interrupted.signal)
  view.close()
  process.stdout.write(`${options.json ? JSON.stringify(audit) : report(audit)}\n`)
  if (interrupted.signal.aborted) return 130
  return audit.lost === 0 && audit.completedTwice === 0 ? 0 : 1
}
