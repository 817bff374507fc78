import { appendFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Job } from 'bullmq'

/** What a job says. */
export interface Invoice {
  /** How long the work takes, in ms. */
  readonly ms: number
  /** How much memory it never gives back. */
  readonly leakBytes: number
}

/** The application's fault: what is kept here is never released. */
const leaked: Buffer[] = []

/** Renders an invoice: the application's processor, the same before and after. */
export async function renderInvoice(
  job: Job<Invoice>,
  _token?: string,
  signal?: AbortSignal,
): Promise<void> {
  const { ms, leakBytes } = job.data
  note('begins', job.name)
  leaked.push(Buffer.alloc(leakBytes, 1))
  await wait(ms, undefined, { signal })
  note('done', job.name)
}

/** Appends a line to the journal, which shows what ran in which process, and how often. */
function note(what: string, invoice: string): void {
  appendFileSync(process.env['JOURNAL'] ?? 'journal.txt', `${what} ${invoice} ${process.pid}\n`)
}
