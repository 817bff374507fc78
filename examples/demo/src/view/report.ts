import type { DemoAudit } from '../demo.ts'

/** The audit in words. */
export function report(audit: DemoAudit): string {
  const { p50, p95, max } = audit.deathToRequeueMs
  const lines: [string, string | number, string][] = [
    ['enqueued', audit.enqueued, ''],
    ['completed', audit.completed, ''],
    ['lost', audit.lost, ''],
    ['completed twice', audit.completedTwice, 'beyond what ran when its worker was killed'],
    ['run again', audit.rerun, 'their worker was killed'],
    ['handed back', audit.handedBack, 'their worker left before they were done'],
    ['recovered', audit.recovered, 'were in the hands of a killed worker'],
    ['recycles', audit.recycles, 'graceful: memory reached the soft limit'],
    ['kills', audit.kills, 'SIGKILL'],
    ['death to requeue', `${p50} ms`, `median; p95 ${p95} ms, max ${max} ms`],
    ['leakiest job', audit.leakiestJob ?? 'none seen', 'by the memory that grew with it'],
  ]
  const rows = lines.map(
    ([name, value, note]) =>
      `  ${name.padEnd(18)}${String(value).padStart(10)}${note && `   ${note}`}`,
  )
  const good = audit.lost === 0 && audit.completedTwice === 0
  const verdict = good
    ? 'No job was lost, none was completed twice.'
    : 'FAILED: jobs were lost or completed twice.'
  return ['', 'Audit, from what the jobs themselves wrote down:', ...rows, '', verdict].join('\n')
}
