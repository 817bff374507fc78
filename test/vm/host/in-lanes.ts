/** Runs the tasks, so many at a time; resolves with their results in the order of the tasks. */
export async function inLanes<T>(
  lanes: number,
  tasks: readonly (() => Promise<T>)[],
): Promise<readonly T[]> {
  const results: T[] = []
  const left = [...tasks.entries()]
  const lane = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      results[next[0]] = await next[1]()
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return results
}
