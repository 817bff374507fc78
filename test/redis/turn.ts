/**
 * Lets everything else go first. For the few things that a server does without a word of when they are
 * done: ask again on the next turn. The timeout of the test bounds it.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
