import type { Choices } from './choices.ts'
import { serviceName } from './project-name.ts'

/** The template of the systemd unit: an instance of it is one worker. */
export function unit({ name, queue }: Choices): string {
  const service = serviceName(name)
  const directory = queue === 'files' ? `Environment=QUEUE_DIR=%S/${service}/queue\n` : ''
  return `[Unit]
Description=${service}, worker %i
Wants=network-online.target
After=network-online.target${queue === 'files' ? '' : ' redis-server.service'}

[Service]
# The worker says when it works, when it leaves, and why.
Type=notify
NotifyAccess=all
ExecStart=/usr/bin/node src/worker.js
WorkingDirectory=/opt/${service}
User=${service}
# Where a worker leaves its successor the ledger.
StateDirectory=${service}
Environment=NODE_ENV=production
${directory}EnvironmentFile=-/etc/${service}.env
Restart=on-failure

[Install]
WantedBy=multi-user.target
`
}
