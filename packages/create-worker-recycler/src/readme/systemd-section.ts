import type { Choices } from '../choices.ts'
import { serviceName } from '../project-name.ts'

/** How to install a project under systemd, and how to take it away again. */
export function systemdSection({ name, queue }: Choices): string {
  const service = serviceName(name)
  const recover =
    queue === 'redis'
      ? [`/opt/${service}/node_modules/.bin/worker-recycler-redis`, 'recover', '--from-systemd']
      : ['/usr/bin/node', `/opt/${service}/src/recover.js`]
  const setting =
    queue === 'files'
      ? `The jobs are in \`/var/lib/${service}/queue\`. To enqueue some:

\`\`\`sh
sudo -u ${service} env QUEUE_DIR=/var/lib/${service}/queue node /opt/${service}/src/producer.js
\`\`\``
      : `Where Redis is elsewhere, say so in \`/etc/${service}.env\`, which only root can read:
\`REDIS_URL=redis://user:password@redis-1:6379\`.`
  return `## Under systemd

\`npm start\` is for development: it has a supervisor of its own. In production systemd is the supervisor, and
an instance of the unit is one worker. Here \`/usr/bin/node\` is 20.19 or newer:

\`\`\`sh
sudo useradd --system --no-create-home --shell /usr/sbin/nologin ${service}
sudo mkdir -p /opt/${service}
sudo cp -R package*.json src /opt/${service}/
sudo npm --prefix /opt/${service} install --omit=dev
sudo cp systemd/${service}@.service /etc/systemd/system/
sudo systemctl daemon-reload
\`\`\`

Then the limits, the restarts, and the hook by which a dead worker's jobs go back before the next start.
Without \`--yes\` it shows what it would do:

\`\`\`sh
sudo npx worker-recycler-systemd apply ${service}@ --instance 1 --instance 2 \\
  --max 512M --recycle --hook --recover-command '${JSON.stringify(recover)}' --yes
sudo systemctl enable --now ${service}@1 ${service}@2
npx worker-recycler-systemd status ${service}@
journalctl --follow --unit '${service}@*'
\`\`\`

${setting}

Kill one, and see its jobs come back: \`sudo systemctl kill --signal=SIGKILL ${service}@1\`, then
\`npx worker-recycler-systemd deaths ${service}@\`. To take all away:

\`\`\`sh
sudo systemctl disable --now ${service}@1 ${service}@2
sudo npx worker-recycler-systemd revert ${service}@ --yes
sudo rm -r /etc/systemd/system/${service}@.service /opt/${service}
sudo systemctl daemon-reload
sudo userdel ${service}
\`\`\`

`
}
