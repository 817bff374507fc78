import type { Choices } from '../choices.ts'
import { hostSection } from './host-section.ts'
import { queueWords } from './queue-words.ts'

/** The text of a project's README.md. */
export function readme(choices: Choices): string {
  const { name, queue } = choices
  const words = queueWords(queue)
  return `# ${name}

Workers on ${words.where}. They leave in good order before their memory runs out, and when one is killed all
the same, its jobs are back in their queue at once.

- \`src/jobs.js\` is where your work goes: what a job does, and how many run at once.
- \`src/producer.js\` enqueues jobs, and \`src/queue.js\` is what it, or your application, does that with.
- \`src/worker.js\` is one worker, \`src/supervisor.js\` starts two of them.
- \`src/settings.js\` says where the jobs are.

It is plain JavaScript with types in comments: nothing is built, and \`npm run typecheck\` checks it.

## Run it

You need Node.js 20.19 or newer${words.needs}. Then, each in a terminal of its own:

\`\`\`sh
npm install
npm start
\`\`\`

\`\`\`sh
npm run produce
\`\`\`

That enqueues 40 jobs of a second each; \`npm run produce 1000 200\` makes it a thousand of 200 ms. The workers
say what they do:

\`\`\`text
worker 0 ready, pid 5083
worker 1 ready, pid 5084
  5083  begins cat-1.png
  5084  begins cat-2.png
  5083  done   cat-1.png
\`\`\`

## Kill a worker

While they run, kill one of the two, by the pid that stands before its lines:

\`\`\`sh
kill -9 5083
\`\`\`

\`\`\`text
vm:5083:67ceebde32264e68 is gone (signal): 4 jobs put back
worker 0 ready, pid 5529
  5529  begins cat-4.png, run 2
\`\`\`

The jobs that it held run again. So a job must bear to run twice, or choose a rescue strategy (the option
\`rescue\`). One whose worker was killed three times while it ran is put aside${words.aside}.

Ctrl-C ends it: the workers stop fetching, and finish or hand back what they hold.

## Look at it

${words.look}

${hostSection(choices)}## Where next

- Replace \`resize\` in \`src/jobs.js\` and \`src/producer.js\` by your own job. Hand its \`signal\` on to whatever
  takes long.
- Begin with \`mode: 'observe'\` in \`src/worker.js\`: all is judged and nothing is acted on.
- Options and guarantees: the READMEs of ${words.packages},
  in \`node_modules\` or on npm.
`
}
