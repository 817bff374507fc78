/** V8's sampling heap profiler, running. */
export interface HeapSampler {
  /** What is alive now, by the place that allocated it. Blocks the event loop. */
  profile(): unknown
  /** Ends the sampling. Never throws. */
  close(): void
}

/** Starts to sample. Rejects where Node.js was built without an inspector. */
export async function openSampler(intervalBytes: number): Promise<HeapSampler> {
  // Loaded here, for the import alone fails in a Node.js without inspector.
  const { Session } = await import('node:inspector')
  const session = new Session()
  session.connect()
  try {
    // A session of the own thread answers before `post` returns.
    answer((callback) => session.post('HeapProfiler.enable', callback))
    answer((callback) =>
      session.post('HeapProfiler.startSampling', { samplingInterval: intervalBytes }, callback),
    )
  } catch (error) {
    session.disconnect()
    throw error
  }
  return {
    profile: () =>
      answer<{ profile: unknown }>((callback) =>
        session.post('HeapProfiler.getSamplingProfile', callback),
      )?.profile,
    close: () => {
      try {
        session.disconnect()
      } catch {
        // Nothing is left to be ended.
      }
    },
  }
}

function answer<Result = unknown>(
  post: (callback: (error: Error | null, result?: Result) => void) => void,
): Result | undefined {
  let failure: Error | null = new Error('The inspector did not answer')
  let result: Result | undefined
  post((error, value) => {
    failure = error
    result = value
  })
  if (failure) throw failure
  return result
}
