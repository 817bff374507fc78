/** The keys of one queue, or of the fleet, by their names; those that need an argument are given it. */
export function allKeys(keys: object, argument: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(keys).map(([name, key]: [string, string | ((text: string) => string)]) => [
      name,
      typeof key === 'string' ? key : key(argument),
    ]),
  )
}
