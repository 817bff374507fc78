/** Something about the command line is wrong; the message is one sentence. Exit code 2. */
export class Mistake extends Error {
  override readonly name = 'Mistake'
}
