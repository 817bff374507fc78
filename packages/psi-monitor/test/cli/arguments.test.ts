import { describe, expect, it } from 'vitest'
import { fakeRoot } from '../kit/fake-root.ts'
import { SERVICE, serviceTree } from '../kit/trees.ts'
import { command } from './command.ts'

const { run } = command()

describe('the command', () => {
  it('explains itself', async () => {
    const { code, out, errors } = await run(['--help'])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toMatch(/^Usage: worker-recycler-psi COMMAND/)
  })

  it.each(['doctor', 'watch'])('explains %s with examples', async (name) => {
    const { code, out, errors } = await run([name, '-h'])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toMatch(new RegExp(`^Usage: worker-recycler-psi ${name} `))
    expect(out).toContain(`Examples:\n  worker-recycler-psi ${name} --unit`)
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(105)
  })

  it('names its version', async () => {
    expect(await run(['-v'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d/),
    })
  })

  it.each([
    [[], 'No command was given'],
    [['wacht'], '"wacht" is no command'],
    [['--unti'], "Unknown option '--unti'"],
    [['doctor', '--pid'], "Option '--pid <value>' argument missing"],
    [['doctor', '--interval', '1s'], '`doctor` has no option --interval'],
    [['doctor', 'worker.service'], '`doctor` takes options only'],
    [['doctor', '--pid', '1', '--unit', 'worker'], 'Give one of --pid, --cgroup and --unit'],
    [['doctor', '--user'], '--user belongs to --unit'],
    [['doctor', '--pid', '0'], '--pid takes the id of a process, not "0"'],
    [['doctor', '--pid', 'worker'], '--pid takes the id of a process, not "worker"'],
    [['doctor', '--cgroup', ''], '--cgroup takes the directory of a cgroup'],
    [['doctor', '--cgroup', '/'], '--cgroup: Expected `target` to be'],
    [['doctor', '--working-set', 'pss'], "--working-set: Expected `workingSet` to be one of 'unr"],
    [['doctor', '--memory-max', '2X'], '--memory-max takes a size such as 512M, 2G or 80%'],
    [['doctor', '--memory-max', '0'], '--memory-max takes a size such as 512M, 2G or 80%'],
    [['doctor', '--memory-high', '0%'], '--memory-high takes a size such as 512M, 2G or 80%'],
    [['doctor', '--root', '/nowhere/at/all'], '--root: "/nowhere/at/all" is no directory'],
    [['watch', '--interval', '1'], '--interval takes a time from 10ms up, such as 500ms, 1s'],
    [['watch', '--interval', '5ms'], '--interval takes a time from 10ms up, such as 500ms, 1s'],
    [['watch', '--unit', 'a/b'], '--unit takes the name of a unit such as worker@1.service'],
    [['watch', '--unit=-worker'], '--unit takes the name of a unit such as worker@1.service'],
    [['watch', '--unit', 'worker@'], '--unit: worker@.service is a template; name an instance'],
  ])('%j is misuse: %s', async (args, sentence) => {
    const { code, out, errors } = await run([...args])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(errors.startsWith(`worker-recycler-psi: ${sentence}`), errors).toBe(true)
    expect(errors).toMatch(/; see worker-recycler-psi (\w+ )?--help\n$/)
    expect(errors.trimEnd().split('\n')).toHaveLength(1)
  })

  it.each(['doctor', 'watch'])('%s says of a directory that it is no cgroup', async (name) => {
    const { root, set } = fakeRoot(serviceTree())
    set('/tmp/file', '')
    const { code, errors } = await run([name, '--root', root, '--cgroup', '/tmp'])
    expect(code).toBe(2)
    expect(errors).toContain('--cgroup: /tmp lies in no cgroup file system')
    const file = await run([name, '--root', root, '--cgroup', `${SERVICE}/memory.max`])
    expect(file.code).toBe(2)
    expect(file.errors).toContain('memory.max is no directory of a cgroup')
  })

  it.each([
    ['doctor', '--pid', '4711', 'There is no process 4711'],
    ['watch', '--pid', '4711', 'There is no process 4711'],
    ['doctor', '--cgroup', '/sys/fs/cgroup/gone', 'There is no cgroup /sys/fs/cgroup/gone'],
    ['watch', '--cgroup', '/sys/fs/cgroup/gone', 'There is no cgroup /sys/fs/cgroup/gone'],
  ])('%s %s %s ends with 1: %s', async (name, option, value, sentence) => {
    const { root } = fakeRoot(serviceTree())
    const errors = `worker-recycler-psi: ${sentence}\n`
    const args = [name, '--root', root, option, value]
    expect(await run(args)).toEqual({ code: 1, out: '', errors })
  })
})
