import { checkPermissions } from '../driver/check-permissions.ts'
import { checkServer } from '../driver/check-server.ts'
import type { Finding } from '../driver/finding.ts'
import { readServerFacts, type ServerFacts } from '../driver/server-facts.ts'
import type { Fleet } from '../fleet.ts'

/** What `doctor` found. */
export interface Diagnosis {
  /** There is no error: jobs are safe there. */
  readonly ok: boolean
  readonly layout: Fleet['layout']['name']
  /** Each node that holds data says of itself. */
  readonly servers: readonly ServerFacts[]
  readonly findings: readonly Finding[]
}

/** Asks every node that holds data. */
export async function diagnose({ driver, layout, clock }: Fleet): Promise<Diagnosis> {
  const servers: ServerFacts[] = []
  const found: Finding[] = []
  for (const node of driver.nodes()) {
    const facts = await readServerFacts(node)
    servers.push(facts)
    found.push(...checkServer(facts, { layout, epochMs: clock.epochMs() }))
  }
  found.push(...(await checkPermissions(driver, layout)))
  // Nodes with the same fault say the same.
  const findings = [...new Map(found.map((finding) => [finding.message, finding])).values()]
  const ok = findings.every(({ severity }) => severity !== 'error')
  return { ok, layout: layout.name, servers, findings }
}
