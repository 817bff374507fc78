/** Why nothing was written, in one sentence for the user. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** The exit code: 2 for a mistake in what was asked for, 1 where it cannot be done. */
  readonly exitCode: 1 | 2

  constructor(message: string, exitCode: 1 | 2) {
    super(message)
    this.exitCode = exitCode
  }
}
