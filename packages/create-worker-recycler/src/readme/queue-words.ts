import type { Queue } from '../choices.ts'

/** What a README says of where the jobs are. */
export interface QueueWords {
  readonly where: string
  /** What is needed besides Node.js, behind a comma. */
  readonly needs: string
  /** Where jobs are that were put aside, in brackets. */
  readonly aside: string
  readonly look: string
  readonly packages: string
}

const redisNeeded =
  ', and Redis 6.2 or Valkey 7.2, or newer; `REDIS_URL` says where,\nby default `redis://127.0.0.1:6379`'

const words: Readonly<Record<Queue, QueueWords>> = {
  bullmq: {
    where: 'BullMQ',
    needs: redisNeeded,
    aside: ' (as a failed job)',
    look: `Everything that looks at BullMQ's queues works as ever: the queue is named \`images\`. Jobs that were put
aside are among the failed ones, with the reason; \`job.retry()\` lets one run again.`,
    packages: '`@worker-recycler/core` and `@worker-recycler/bullmq-adapter`',
  },
  redis: {
    where: 'Redis',
    needs: redisNeeded,
    aside: ' (in quarantine)',
    look: `\`\`\`sh
npx worker-recycler-redis status
npx worker-recycler-redis doctor
\`\`\`

The first shows queues, workers, what they hold, and the quarantine; the second says whether jobs are safe on
your server.`,
    packages: '`@worker-recycler/core` and `@worker-recycler/redis-fetch`',
  },
  files: {
    where: 'a directory of files',
    needs: '',
    aside: ' (in `quarantine/`)',
    look: `\`\`\`sh
find queue -type f
\`\`\`

One file is one job, and its folder is its state: \`queues/default/ready\`, \`working\`, \`completed\`, \`dead\`,
\`quarantine\`. \`QUEUE_DIR\` puts the directory elsewhere, on a local disk: network file systems will not do.`,
    packages: '`@worker-recycler/core` and `@worker-recycler/file-fetch`',
  },
}

/** What to say of this one. */
export function queueWords(queue: Queue): QueueWords {
  return words[queue]
}
