/** Something about the command line is wrong; the message is one sentence. Exit code 2. */
export class Mistake extends Error {
  override readonly name = 'Mistake'
}

/** What `check` gives; the TypeError with which it refuses a value becomes a mistake in `option`. */
export function checked<T>(option: string, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new Mistake(`${option}: ${error.message}`)
  }
}
