import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fakeRoot } from '../kit/fake-root.ts'
import { eventsText, SERVICE, serviceTree } from '../kit/trees.ts'
import { command } from './command.ts'

const { start, startInTerminal } = command()
const noProcfs = process.platform === 'linux' ? '' : 'there is no procfs'
const noScript = spawnSync('script', ['--version']).status === 0 ? '' : 'no script of util-linux'

const watched = () => {
  const tree = fakeRoot({ ...serviceTree(), [`${SERVICE}/memory.max`]: '2000\n' })
  const args = ['watch', '--root', tree.root, '--cgroup', SERVICE, '--interval', '20ms']
  return { ...tree, args }
}

describe('watch', () => {
  it('writes a line for each reading where there is no terminal, until Ctrl-C', async () => {
    const { set, args } = watched()
    const { child, until, ended } = start(args)
    await until(/^\d{4}-\d\d-\d\dT[\d:.]+Z {2}400 B of 2 KiB \(20 %\)/m)
    set(`${SERVICE}/memory.events`, eventsText({ high: 3 }))
    await until(/ {2}events high 3( {2}|\n)/)
    set(`${SERVICE}/memory.current`, '1700\n')
    await until(/ {2}1.6 KiB of 2 KiB \(80 %\) {2}stall some 0 %, full 0 %/)
    await until(/ {2}growth none$/m)
    child.kill('SIGINT')
    const { code, out, errors } = await ended
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^\d{4}-.*Z {2}[\d.]+ /)
  })

  it('writes a line of JSON for each reading, until nobody reads it', async () => {
    const { args } = watched()
    const { child, until, ended } = start([...args, '--json'])
    // So many readings make a forecast.
    await until(/("forecast":.*\n[^]*){2}/)
    child.stdout?.destroy()
    const { code, out, errors } = await ended
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    const lines = out.slice(0, out.lastIndexOf('\n')).split('\n')
    const readings = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(readings[0]).toMatchObject({
      epochMs: expect.any(Number),
      target: { cgroup: SERVICE },
      monitor: 'psi',
      metric: 'cgroup.unreclaimable',
      usedBytes: 400,
      limitBytes: 2000,
      limitedBy: `${SERVICE}/memory.max`,
    })
    expect(readings[0]).not.toHaveProperty('forecast')
    expect(readings.at(-1)).toMatchObject({ forecast: { bytesPerSec: 0, confidence: 0 } })
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('ends with 0 by %s, too', async (name) => {
    const { child, until, ended } = start(watched().args)
    await until(/400 B/)
    child.kill(name)
    expect(await ended).toMatchObject({ code: 0, errors: '' })
  })

  it.skipIf(noProcfs)(
    `ends with 1 and a sentence when the process is gone${noProcfs && ` (skipped: ${noProcfs})`}`,
    async () => {
      const watchee = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
      onTestFinished(() => void watchee.kill('SIGKILL'))
      await once(watchee, 'spawn')
      const args = ['watch', '--pid', String(watchee.pid), '--interval', '50ms']
      const { until, ended } = start(args)
      await until(/Z {2}[\d.]+ \w+/)
      watchee.kill('SIGKILL')
      const { code, errors } = await ended
      const sentence = `worker-recycler-psi: process ${watchee.pid} is gone\n`
      expect({ code, errors }).toEqual({ code: 1, errors: sentence })
    },
  )
})

describe.skipIf(noScript)(`in a terminal${noScript && ` (skipped: ${noScript})`}`, () => {
  it('watch draws in place, in the characters of the locale, until Ctrl-C', async () => {
    const { args, set } = watched()
    const { child, until, ended } = startInTerminal(args, { LANG: 'C.UTF-8' })
    await until(/ {10}█{9}▊░{39}/)
    set(`${SERVICE}/memory.current`, '1100\n')
    await until(/ {10}█{24}▌░{24}/)
    child.stdin?.write('\u0003')
    const { code, out } = await ended
    expect(code).toBe(0)
    expect(out.startsWith('\u001b[?25l\u001b[2J\u001b[H'), JSON.stringify(out)).toBe(true)
    expect(out.endsWith('\u001b[?25h'), JSON.stringify(out.slice(-100))).toBe(true)
    expect(out).toContain(`cgroup ${SERVICE}  cgroup.u`)
  })

  it('watch keeps to ASCII without a locale', async () => {
    const { args } = watched()
    const { child, until, ended } = startInTerminal(args)
    await until(/ {10}#{10}\.{39}/)
    child.stdin?.write('\u0003')
    const { code, out } = await ended
    expect(code).toBe(0)
    expect(out).toMatch(/^[\p{ASCII}]*$/u)
  })

  it('doctor breaks its lines at the width of the terminal', async () => {
    const { root } = fakeRoot(serviceTree())
    const { ended } = startInTerminal(['doctor', '--root', root, '--cgroup', SERVICE])
    const { code, out } = await ended
    expect(code).toBe(0)
    expect(out).toContain('usage          live     `memory.current` and `memory.stat`\r\n')
    expect(out).toContain(`\r\n${' '.repeat(24)}of cgroup v2 are read`)
  })
})
