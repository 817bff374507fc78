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

/** Where a command writes. */
export interface Output {
  /** Width and height of the terminal that standard output is; undefined when it is none. */
  screen(): { readonly columns: number; readonly rows: number } | undefined
  /** Writes to standard output as it is; false when nobody reads it any more. */
  write(text: string): Promise<boolean>
  /** Writes a line for programs. */
  json(value: unknown): Promise<boolean>
  /** Writes a line to standard error, with the name of the command and without secrets. */
  tell(sentence: string): Promise<void>
  /** From now on this text does not appear on standard error. */
  hide(secret: string): void
}

/** Runs to its end; resolves with the exit code: 0 done, 1 failed or not found. */
export type Command = (context: CommandContext) => Promise<number>
