import { describe, expect, it } from 'vitest'
import { command } from './command.ts'

const { run } = command()
const NOWHERE = ['--url', 'redis://127.0.0.1:1']

describe('the command', () => {
  it('explains itself', async () => {
    const { code, out, errors } = await run(['--help'])
    expect({ code, errors }).toEqual({ code: 0, errors: '' })
    expect(out).toMatch(/^Usage: worker-recycler-redis COMMAND/)
    expect(out).toContain('WORKER_RECYCLER_REDIS_URL')
  })

  it.each(['status', 'recover', 'quarantine', 'dead', 'enqueue', 'adopt', 'doctor'])(
    'explains %s',
    async (name) => {
      const { code, out, errors } = await run([name, '-h'])
      expect({ code, errors }).toEqual({ code: 0, errors: '' })
      expect(out).toMatch(new RegExp(`^Usage: worker-recycler-redis ${name} `))
      expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(105)
    },
  )

  it('names its version', async () => {
    expect(await run(['-v'])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d/),
    })
  })

  it.each([
    [[], 'No command was given'],
    [['stauts'], '"stauts" is no command'],
    [['--staus'], "Unknown option '--staus'"],
    [['status', '--url'], "Option '--url <value>' argument missing"],
    [['status', '--cause', 'memory'], '`status` has no option --cause'],
    [['status', 'now'], '`status` takes options only'],
    [['status', '--interval', '1s'], '--interval belongs to --watch'],
    [['status', '--timeout', '10'], '--timeout takes a time such as 500ms, 30s or 2m, not "10"'],
    [['status', '--layout', 'bull'], '--layout is native or sidekiq, not "bull"'],
    [['status', '--prefix', '{a}'], '--prefix: Expected `prefix` to be at most 64 letters'],
    [['recover'], 'Give one of --invocation, --from-systemd, --identity and --dead'],
    [['recover', '--dead', '--identity', 'a:1:abcdef'], 'Give one of'],
    [['recover', '--from-systemd'], '--from-systemd: systemd has set no INVOCATION_ID'],
    [['recover', '--identity', 'web-1'], '--identity takes HOST:PID:INVOCATION, not "web-1"'],
    [['recover', '--invocation', 'xyz'], '--invocation takes 6 to 64 hex digits, not "xyz"'],
    [['recover', '--dead', '--cause', 'oom'], '--cause is memory, signal, crash, recycle, stop'],
    [['quarantine'], '`quarantine` takes list, show, release or discard'],
    [['quarantine', 'show'], '`quarantine show` takes one id'],
    [['dead', 'list', 'x'], '`dead list` takes no id'],
    [['dead', 'release'], '`dead release` takes ids, or --all with --queue'],
    [['dead', 'release', '--all', '--yes'], '--all needs --queue'],
    [['dead', 'discard', '--all', '--queue', 'a'], '--all needs --yes: it would discard every job'],
    [['dead', 'list', '--limit', '0'], '--limit takes a whole number from 1 up, not "0"'],
    [['dead', 'list', '--queue', 'a b'], "--queue: Expected a queue's name"],
    [['enqueue'], '`enqueue` takes a name and a payload'],
    [['enqueue', 'paint', '{'], 'PAYLOAD is JSON'],
    [['enqueue', 'paint', '{}', '--layout', 'sidekiq'], 'PAYLOAD is a list of arguments'],
    [['adopt', '--max-interruptions', 'x'], '--max-interruptions takes a whole number'],
  ])('%j is misuse: %s', async (args, sentence) => {
    const { code, out, errors } = await run([...args])
    // Before anything is connected: there is no server in this test.
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(errors.startsWith(`worker-recycler-redis: ${sentence}`), errors).toBe(true)
    expect(errors).toMatch(/; see worker-recycler-redis (\w+ )?--help\n$/)
    expect(errors.trimEnd().split('\n')).toHaveLength(1)
  })

  it.each([
    ['status'],
    ['quarantine', 'list'],
    ['enqueue', 'paint'],
    ['adopt'],
    ['doctor'],
    ['recover', '--invocation', 'abcdef', '--timeout', '200ms'],
  ])('says in one sentence that the server is down: %s %s %s', async (...args) => {
    const { code, out, errors } = await run([...args, ...NOWHERE])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(errors).toMatch(
      /^worker-recycler-redis: The server [^\n]+: connect ECONNREFUSED 127.0.0.1:1\n$/,
    )
  })

  it('says so of a Cluster and of Sentinels, too', async () => {
    for (const where of [
      ['--cluster', '127.0.0.1:1'],
      ['--sentinel', '127.0.0.1:1', '--sentinel-name', 'main'],
    ]) {
      const { code, errors } = await run(['status', ...where])
      expect(code).toBe(1)
      expect(errors).toMatch(/^worker-recycler-redis: The server cannot be reached: [^\n]+\n$/)
    }
  })
})
