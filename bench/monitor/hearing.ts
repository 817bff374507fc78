/** The moments at which somebody said something. */
export interface Hearing {
  readonly heard: (atMs: number) => void
  /** The first moment from `fromMs` on; undefined when there was none within `timeoutMs` of the call. */
  readonly firstAfter: (fromMs: number, timeoutMs: number) => Promise<number | undefined>
}

/** Makes a hearing that has heard nothing. */
export function createHearing(): Hearing {
  const moments: number[] = []
  let told = (): void => {}
  return {
    heard: (atMs) => {
      moments.push(atMs)
      told()
    },
    firstAfter: (fromMs, timeoutMs) =>
      new Promise((resolve) => {
        const find = () => moments.find((atMs) => atMs >= fromMs)
        const end = () => {
          clearTimeout(timer)
          told = () => {}
          resolve(find())
        }
        const timer = setTimeout(end, timeoutMs)
        told = () => {
          if (find() !== undefined) end()
        }
        told()
      }),
  }
}
