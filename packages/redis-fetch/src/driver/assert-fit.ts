import { RecyclerError } from '@worker-recycler/core'
import type { Fleet } from '../fleet.ts'
import { checkPermissions } from './check-permissions.ts'
import { checkServer } from './check-server.ts'
import { readServerFacts, type ServerFacts } from './server-facts.ts'

/**
 * Refuses a server on which jobs would not be safe, with all reasons at once (`STORAGE_UNFIT`); what is
 * merely unwise is logged.
 */
export async function assertFit({ driver, layout, clock, logger }: Fleet): Promise<ServerFacts> {
  const [node = driver] = driver.nodes()
  const facts = await readServerFacts(node)
  const findings = [
    ...checkServer(facts, { layout, epochMs: clock.epochMs() }),
    ...(await checkPermissions(driver, layout)),
  ]
  for (const { code, severity, message } of findings) {
    if (severity === 'warning') logger.warn({ code }, message)
  }
  const errors = findings.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return facts
  const sentences = errors.map(({ message }) => message).join(' ')
  throw new RecyclerError('STORAGE_UNFIT', `[redis-fetch] ${sentences}`)
}
