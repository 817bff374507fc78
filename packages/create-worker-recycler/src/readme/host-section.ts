import type { Choices } from '../choices.ts'
import { containerSection } from './container-section.ts'
import { systemdSection } from './systemd-section.ts'

/** What a README says of production; it ends with an empty line. */
export function hostSection(choices: Choices): string {
  switch (choices.host) {
    case 'systemd':
      return systemdSection(choices)
    case 'container':
      return containerSection(choices)
    case 'none':
      return `## In production

Start \`node src/supervisor.js\` itself, without npm in between, by whatever starts your programs, and let that
wait for 30 seconds and some more until it kills what it has asked to stop. Set \`workers\` and \`limits\` in
\`src/supervisor.js\` to what the host has.

`
  }
}
