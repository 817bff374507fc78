import type { RecoveredJob } from '@worker-recycler/core'
import type { Output } from './command.ts'
import { printable } from './printable.ts'

/** Writes what became of the jobs of dead workers, for people: a line for each worker. */
export async function tellRecovered(
  output: Output,
  recovered: readonly RecoveredJob[],
): Promise<void> {
  const workers = [...new Set(recovered.map(({ from }) => from))]
  const lines = workers.map((worker) => {
    const own = recovered.filter(({ from }) => from === worker)
    const back = own.filter(({ to }) => to === 'queue').length
    const stopped = own.length - back
    const what = [
      ...(back > 0 ? [`${jobs(back)} put back`] : []),
      ...(stopped > 0 ? [`${jobs(stopped)} put into quarantine`] : []),
    ]
    return `${printable(worker)}: ${what.join(', ')}\n`
  })
  await output.write(lines.join('') || 'Nothing to recover\n')
}

function jobs(count: number): string {
  return `${count} ${count === 1 ? 'job' : 'jobs'}`
}
