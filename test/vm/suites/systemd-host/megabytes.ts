/** 2 ** 20 bytes. */
export const MB: number = 2 ** 20

/** For the details of checks. */
export function mbText(bytes: number): string {
  return bytes === Infinity ? 'no limit' : `${Math.round(bytes / MB)} MB`
}
