import type { Context } from '../../guest/context.ts'

/** How often the manager has read its files again since the boot, by its own journal. */
export async function countReloads({ run, facts }: Context): Promise<number> {
  // Its own count is there since 261.
  if (facts.systemd >= 261) {
    return Number((await run('systemctl', ['show', '--value', '--property=ReloadCount'])).trim())
  }
  await run('journalctl', ['--sync'])
  const said = await run('journalctl', ['--quiet', '--boot', '--output=cat', '_PID=1'])
  return said.split('\n').filter((line) => /^Reloading\.(?:\.\.)?$/.test(line)).length
}
