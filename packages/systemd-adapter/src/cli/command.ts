import type { Clock } from '@worker-recycler/core'
import type { OptionValues } from './options.ts'

/** What a command works with. */
export interface CommandContext {
  readonly operands: readonly string[]
  readonly values: OptionValues
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Aborts when the operator interrupts. */
  readonly signal: AbortSignal
  readonly output: Output
}

/** Size of a terminal, in characters. */
export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** Where a command writes. */
export interface Output {
  /** The terminal that standard output is, as large as it is now; undefined when it is none. */
  readonly screen: () => ScreenSize | undefined
  /** Writes to standard output as it is; false when nobody reads it any more. */
  readonly write: (text: string) => Promise<boolean>
  /** Writes a line for programs; what is without limit is `"infinity"`, as JSON has no number for it. */
  readonly json: (value: unknown) => Promise<boolean>
  /** Writes a line to standard error, with the name of the command. */
  readonly tell: (sentence: string) => Promise<void>
}

/** Runs to its end; resolves with the exit code: 0 done, 1 failed, refused or not found. */
export type Command = (context: CommandContext) => Promise<number>
