import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { ForkSupervisorOptions } from '../options.ts'
import { parseDuration } from './duration.ts'
import { shareOfMemory } from './share-of-memory.ts'
import { parseSize } from './size.ts'

/** What the command line asks for. */
export type CommandLine =
  | { readonly kind: 'help' | 'version' }
  | { readonly kind: 'run'; readonly json: boolean; readonly options: ForkSupervisorOptions }
  /** A mistake, in one sentence. */
  | { readonly kind: 'mistake'; readonly message: string }

const OPTIONS = {
  workers: { type: 'string', short: 'w' },
  soft: { type: 'string' },
  hard: { type: 'string' },
  stop: { type: 'string' },
  'stop-ms': { type: 'string' },
  'max-extend': { type: 'string' },
  overlap: { type: 'boolean' },
  'max-recycling': { type: 'string' },
  'node-arg': { type: 'string', multiple: true },
  'no-guard': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** Thrown within this file; becomes a `mistake`. */
class Mistake extends Error {}

/** Reads the command line. */
export function readArguments(argv: readonly string[]): CommandLine {
  try {
    return read(argv)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // Node adds a hint about `--` that does not fit an option of ours.
    return { kind: 'mistake', message: message.split('. To specify')[0] ?? message }
  }
}

function read(argv: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: OPTIONS,
    allowPositionals: true,
  })
  if (values.help) return { kind: 'help' }
  if (values.version) return { kind: 'version' }
  const [script, ...args] = positionals
  if (script === undefined) throw new Mistake('No script was given')
  if (!existsSync(script)) throw new Mistake(`There is no script ${resolve(script)}`)
  if (values.stop !== undefined && values['stop-ms'] !== undefined) {
    throw new Mistake('--stop and --stop-ms say the same: give one of them')
  }

  const workers = whole('--workers', values.workers) ?? 1
  const shareBytes = shareOfMemory(workers)
  const softBytes = size('--soft', values.soft, shareBytes)
  const hardBytes = size('--hard', values.hard, shareBytes)
  if (softBytes !== undefined && hardBytes !== undefined && softBytes >= hardBytes) {
    throw new Mistake(`--soft ${values.soft} must be below --hard ${values.hard}`)
  }
  const stopMs = duration('--stop', values.stop) ?? whole('--stop-ms', values['stop-ms'])
  const maxExtendMs = duration('--max-extend', values['max-extend'])
  const maxRecycling = whole('--max-recycling', values['max-recycling'])
  const json = values.json ?? false
  return {
    kind: 'run',
    json,
    options: {
      script: resolve(script),
      args,
      workers,
      // Those of this process belong to this process.
      execArgv: values['node-arg'] ?? [],
      stdio: json ? 'stderr' : 'inherit',
      overlap: values.overlap ?? false,
      guard: !values['no-guard'],
      limits: {
        ...(softBytes !== undefined && { softBytes }),
        ...(hardBytes !== undefined && { hardBytes }),
      },
      ...(stopMs !== undefined && { stopMs }),
      ...(maxExtendMs !== undefined && { maxExtendMs }),
      ...(maxRecycling !== undefined && { maxRecycling }),
    },
  }
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw new Mistake(`${name} takes a whole number from 1 up, not ${JSON.stringify(text)}`)
}

function size(name: string, text: string | undefined, shareBytes: number): number | undefined {
  if (text === undefined) return undefined
  const bytes = parseSize(text, shareBytes)
  if (bytes !== undefined) return bytes
  throw new Mistake(`${name} takes a size such as 512M, 2G or 75%, not ${JSON.stringify(text)}`)
}

function duration(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = parseDuration(text)
  if (ms !== undefined) return ms
  throw new Mistake(`${name} takes a time such as 500ms, 30s or 2m, not ${JSON.stringify(text)}`)
}
