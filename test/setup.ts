import { format } from 'node:util'
import { afterAll, afterEach, beforeEach, expect } from 'vitest'

// Code that logs on its own is a fault: the SDK is silent unless it is handed a logger. So is code
// that makes Node warn of it, for a listener that leaks or a delay that no timer can hold. A test that
// wants to see console output replaces the method for its own duration with `vi.spyOn`.
const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
const faults = new Set([
  'MaxListenersExceededWarning',
  'TimeoutNegativeWarning',
  'TimeoutNaNWarning',
  'TimeoutOverflowWarning',
  'PromiseRejectionHandledWarning',
])
const heard: string[] = []
// Held here: a test may replace the timers.
const { setImmediate: afterPoll } = globalThis
const originals = methods.map((method) => ({ method, original: console[method] }))

for (const { method, original } of originals) {
  console[method] = (...values: unknown[]) => {
    heard.push(`console.${method}: ${format(...values)}`)
    original(...values)
  }
}

const onWarning = (warning: Error) => {
  if (faults.has(warning.name)) heard.push(`${warning.name}: ${warning.message}`)
}
process.on('warning', onWarning)

/** Node emits a warning on the tick after its cause. */
async function takeHeard(): Promise<string[]> {
  await new Promise((resolve) => afterPoll(resolve))
  return heard.splice(0)
}

beforeEach(async () => {
  expect(await takeHeard(), 'output while the file was loaded or between two tests').toEqual([])
})

afterEach(async () => {
  expect(await takeHeard(), 'a test must not write to the console, nor make Node warn').toEqual([])
})

afterAll(async () => {
  process.off('warning', onWarning)
  for (const { method, original } of originals) console[method] = original
  expect(await takeHeard(), 'output after the last test').toEqual([])
})
