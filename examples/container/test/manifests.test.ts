import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { probePort, RESERVED_BYTES, stopMs } from '../src/settings.ts'

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8')

const MIB = 1024 * 1024
/** The fork supervisor's `onDeathMs`: what a death notice may take after the last kill. */
const DEATH_NOTICE_MS = 2000
/** Docker's grace period where nobody gives another one. */
const DOCKER_GRACE_MS = 10_000
/** Less than that, and Node.js with the packages has no room to work in. */
const LEAST_WORKER_BYTES = 256 * MIB

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
  readonly timeoutSeconds: number
  readonly periodSeconds: number
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly securityContext: { readonly runAsUser: number; readonly runAsNonRoot: boolean }
  readonly containers: readonly {
    readonly env: readonly { readonly name: string; readonly value: string }[]
    readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
    readonly resources: Record<'requests' | 'limits', { readonly memory: string }>
    readonly securityContext: { readonly readOnlyRootFilesystem: boolean }
    readonly livenessProbe: Probe
    readonly readinessProbe: Probe
  }[]
}

interface Resource {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly serviceName: string
    readonly selector: Readonly<Record<string, unknown>>
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> }
      readonly spec: PodSpec
    }
  }
}

interface ComposeWorker {
  readonly hostname: string
  readonly environment: Readonly<Record<string, string>>
  readonly stop_grace_period: string
  readonly mem_limit: string
  readonly memswap_limit: string
  readonly read_only: boolean
}

const compose = parse(read('compose.yaml')) as {
  readonly services: { readonly worker: ComposeWorker }
}
const resources = parseAllDocuments(read('kubernetes.yaml')).map((one) => one.toJS() as Resource)
const [service, set] = resources as [Resource, Resource]
const pod = set.spec.template.spec
const container = pod.containers[0]!
const worker = compose.services.worker
const dockerfile = read('Dockerfile')

const gibibytes = (text: string) => Number(/^(\d+)(?:g|Gi)$/.exec(text)?.[1]) * 1024 * MIB
const seconds = (text: string) => Number(/^(\d+)s$/.exec(text)?.[1])

/** Each way to run the image, with what must fit. */
const places = [
  {
    place: 'compose.yaml',
    env: worker.environment,
    graceMs: seconds(worker.stop_grace_period) * 1000,
    memoryBytes: gibibytes(worker.mem_limit),
  },
  {
    place: 'kubernetes.yaml',
    env: Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
    graceMs: pod.terminationGracePeriodSeconds * 1000,
    memoryBytes: gibibytes(container.resources.limits.memory),
  },
]

describe.for(places)('$place', ({ env, graceMs, memoryBytes }) => {
  it('leaves the supervisor time to kill and to put back before its own grace ends', () => {
    const budgetMs = Number(env['STOP_SECONDS']) * 1000
    expect(budgetMs).toBeGreaterThan(0)
    expect(graceMs).toBeGreaterThan(budgetMs + DEATH_NOTICE_MS)
  })

  it('has room for every worker and the supervisor', () => {
    const workerBytes = (memoryBytes - RESERVED_BYTES) / Number(env['WORKERS'])
    expect(workerBytes).toBeGreaterThanOrEqual(LEAST_WORKER_BYTES)
  })

  it('sets no variable that the programs do not read', () => {
    const settings = read('src/settings.ts')
    for (const name of Object.keys(env)) expect(settings).toContain(`env['${name}']`)
  })
})

describe('compose.yaml', () => {
  it('gives the worker a stable name, no swap, and a root that cannot be written', () => {
    expect(worker.hostname).toMatch(/^[a-z0-9-]+$/)
    expect(worker.memswap_limit).toBe(worker.mem_limit)
    expect(worker.read_only).toBe(true)
  })
})

describe('kubernetes.yaml', () => {
  it('has a StatefulSet, whose pods keep their names, and the service that it names', () => {
    expect([service.kind, set.kind]).toEqual(['Service', 'StatefulSet'])
    expect(set.spec.serviceName).toBe(service.metadata.name)
    const { labels } = set.spec.template.metadata
    expect(service.spec.selector).toEqual(labels)
    expect(set.spec.selector).toEqual({ matchLabels: labels })
  })

  it('asks for all the memory that it may use, so that a full node evicts others first', () => {
    expect(container.resources.requests.memory).toBe(container.resources.limits.memory)
  })

  it('asks the probes that the supervisor answers', () => {
    const [port] = container.ports
    expect(port?.containerPort).toBe(probePort)
    const { livenessProbe, readinessProbe } = container
    expect(livenessProbe.httpGet).toEqual({ path: '/live', port: port?.name })
    expect(readinessProbe.httpGet).toEqual({ path: '/ready', port: port?.name })
    for (const { timeoutSeconds, periodSeconds } of [livenessProbe, readinessProbe]) {
      expect(timeoutSeconds).toBeLessThan(periodSeconds)
    }
  })

  it('runs as the user of the image, with a root that cannot be written', () => {
    // `node` of the official images.
    expect(dockerfile).toMatch(/^USER node$/m)
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true)
  })
})

describe('Dockerfile', () => {
  const instructions = dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', '')
    .split('\n')
  const argumentsOf = (name: string) =>
    instructions
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => line.slice(name.length + 1))

  it('starts the supervisor itself, with no shell or npm in between', () => {
    expect(argumentsOf('CMD').map((text) => JSON.parse(text) as unknown)).toEqual([
      ['node', 'src/supervisor.ts'],
    ])
    expect(argumentsOf('ENTRYPOINT')).toEqual([])
  })

  it('is of a Node.js that runs TypeScript as it is', () => {
    const [image = ''] = argumentsOf('FROM')
    expect(Number(/^node:(\d+)-slim$/.exec(image)?.[1])).toBeGreaterThanOrEqual(24)
  })

  it('checks the probe of the supervisor', () => {
    const [check = ''] = argumentsOf('HEALTHCHECK')
    expect(check).toContain(`http://127.0.0.1:${probePort}/live`)
    expect(argumentsOf('EXPOSE')).toEqual([String(probePort)])
  })

  it('copies nothing that is kept out of its context', () => {
    const kept = read('.dockerignore').split('\n')
    expect(kept[0]).toBe('*')
    for (const file of argumentsOf('COPY').flatMap((text) => text.split(/\s+/).slice(0, -1))) {
      expect(kept).toContain(`!${file}`)
    }
  })

  it('fits into the grace of a plain `docker run`', () => {
    expect(stopMs + DEATH_NOTICE_MS).toBeLessThan(DOCKER_GRACE_MS)
  })
})
