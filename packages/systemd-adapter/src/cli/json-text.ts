/** JSON on one line; what is without limit is `"infinity"`, as JSON has no number for it. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (each === Infinity ? 'infinity' : each))
}
