import { relative } from 'node:path'
import type { Choices } from '../choices.ts'

/** What to do with a project that was just written. */
export function nextSteps(choices: Choices, directory: string, fileCount: number): string {
  const place = relative(process.cwd(), directory)
  const enter = place === '' ? '' : `  cd ${place.startsWith('..') ? directory : place}\n`
  const redis =
    choices.queue === 'files' ? '' : ' (Redis at 127.0.0.1:6379, or where REDIS_URL says)'
  return `${choices.name}: ${fileCount} files written to ${directory}

${enter}  npm install
  npm start              starts two workers${redis}
  npm run produce        in a second terminal: enqueues 40 jobs

README.md says what you will see, and what to try next.
`
}
