import type { Choices } from '../choices.ts'

const lost: Readonly<Record<Choices['queue'], string>> = {
  bullmq: "by BullMQ's check for stalled jobs, after a minute or so",
  redis: 'by the lease of its workers, within 16 seconds',
  files: 'by the heartbeat of its workers, within some 20 seconds',
}

const replicas: Readonly<Record<Choices['queue'], string>> = {
  bullmq: 'Run as many containers as you like.',
  redis: 'Run as many containers as you like.',
  files:
    'Let one container have the volume: a directory queue is for one host. On Kubernetes that is a StatefulSet\nof one pod, with a volume of a local disk.',
}

/** How to run a project in a container. */
export function containerSection({ queue }: Choices): string {
  return `## In a container

\`\`\`sh
docker compose up --build
docker compose exec workers node src/producer.js
\`\`\`

- The supervisor is the container's main process: a recycle is no restart of the container.
- \`WORKERS\` says how many workers there are. They share the container's memory, which \`src/supervisor.js\`
  reads by itself: a worker is replaced at 75 % of its share, and killed at 90 %. Set a limit.
- The grace period must be longer than \`stopMs\` of \`src/supervisor.js\`: \`stop_grace_period\` in
  \`compose.yaml\`, \`terminationGracePeriodSeconds: 40\` in Kubernetes, where the default is too short.
- What a container held that was killed as a whole is found ${lost[queue]}.
- ${replicas[queue].replaceAll('\n', '\n  ')}
- Commit \`package-lock.json\`: the image installs what it says.

`
}
