import type { Run } from '../../guest/run.ts'

/** Where what was there before is kept until the end. */
export const BEFORE = '/run/before-install.json'

/** Everywhere that an installation could leave something. */
const PLACES = [
  '/etc',
  '/usr/local',
  '/var/lib',
  '/run/systemd/system',
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/worker-recycler',
  '/run/worker-recycler.lock',
]
/** What redis, polkit, systemd and the tools for users keep for themselves; of `set-property` an empty directory stays. */
const OTHERS =
  /^\/var\/lib\/(?:redis|systemd|polkit-1|private)\b|^\/etc\/(?:(?:passwd|group|g?shadow|sub[ug]id)-|\.pwd\.lock)$|^\/run\/systemd\/system\.control$/

/** All files, and the hashes of those that name users. */
export async function whatIsThere(run: Run): Promise<readonly string[]> {
  // Of the places those that are not there are told of on standard error, and are none.
  const found = await run('sh', ['-c', `find "$@" 2>/dev/null || :`, 'find', ...PLACES])
  const users = await run('sha256sum', ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow'])
  const paths = found.split('\n').filter((path) => !OTHERS.test(path))
  return [...paths, ...users.split('\n')].filter((line) => line !== '').toSorted()
}
