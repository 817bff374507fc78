import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NO_HISTORY } from '../../src/layout/job-record.ts'
import { sidekiqCodec } from '../../src/layout/sidekiq-codec.ts'
import { anyChange } from './job-change.ts'
import { reasonWithoutSidekiq, ruby } from './ruby.ts'

const reason = reasonWithoutSidekiq()

/** One run of Ruby for many jobs: each a line, and as JSON on a line what becomes of it. */
const each = (program: string, jobs: readonly Buffer[]): string[] =>
  ruby(
    `STDIN.each_line { |line| job = Sidekiq.load_json(line); ${program}; puts Sidekiq.dump_json(job) }`,
    jobs.map((job) => `${job.toString()}\n`).join(''),
  )
    .trimEnd()
    .split('\n')

const enqueue = (args: unknown[], unique = false) =>
  sidekiqCodec.create({
    id: 'a1',
    name: 'SendMail',
    queue: 'mail',
    payload: args,
    enqueuedAtEpochMs: 1_767_225_600_000,
    unique,
  })

describe.skipIf(reason)(`Ruby${reason ? ` (skipped: ${reason})` : ''}`, () => {
  it('reads what is created and changed, and writes the same bytes', () => {
    const lists = fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 3 })
    const jobs = fc
      .sample(fc.tuple(lists, fc.boolean(), anyChange), { numRuns: 200, seed: 1 })
      .flatMap(([args, unique, history]) => {
        const job = enqueue(args, unique)
        return [job, sidekiqCodec.change(job, history)]
      })
    expect(each('', jobs)).toEqual(jobs.map(String))
  })

  it('interrupts a job just as we do', () => {
    const jobs = [enqueue([1]), enqueue([12_345_678_901_234, 'ä'])]
    for (let times = 1; times <= 2; times += 1) {
      const ours = jobs.map((job) => {
        const before = sidekiqCodec.parse(job, 'mail')!
        const { interruptions, blamed } = before
        return sidekiqCodec.change(job, {
          ...before,
          interruptions: interruptions + 1,
          blamed: blamed + 1,
          lastCause: 'unknown',
        })
      })
      const counted = `job["interrupted_count"] = job["interrupted_count"].to_i + 1`
      expect(each(counted, jobs)).toEqual(ours.map(String))
      jobs.splice(0, jobs.length, ...ours)
    }
  })

  it('sees the times that were meant', () => {
    const failed = sidekiqCodec.change(enqueue([]), {
      ...NO_HISTORY,
      failures: 1,
      error: { name: 'E', message: 'm', atEpochMs: 1_767_225_600_000 },
    })
    const seen = ruby(
      `require "sidekiq/api"
       job = Sidekiq::JobRecord.new(STDIN.read)
       puts job.enqueued_at.iso8601(3), job.klass, job.args.inspect, job["failed_at"].class, job["retry_count"]`,
      failed,
    )
    expect(seen).toBe('2026-01-01T00:00:00.000Z\nSendMail\n[]\nFloat\n0\n')
  })

  it('cannot read half of a surrogate pair, which is why such a job is refused', () => {
    const program =
      'begin; Sidekiq.load_json(STDIN.read); rescue JSON::ParserError; puts "refused"; end'
    expect(ruby(program, '{"args":["\\ud800"]}')).toBe('refused\n')
  })
})
