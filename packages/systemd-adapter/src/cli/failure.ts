/** What was asked for cannot be had; the message is one sentence. Exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure'
}
