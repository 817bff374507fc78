// Holds so many MB, says so, and leaks when SIGUSR2 tells it to.
const [, , holdMb = '0'] = process.argv
const MB = 2 ** 20
const LEAK_MB = 4
const LEAK_EVERY_MS = 50

// Filled, for memory that is only reserved is not held.
const held = [Buffer.alloc(Number(holdMb) * MB, 1)]
process.on('SIGUSR2', () => {
  setInterval(() => held.push(Buffer.alloc(LEAK_MB * MB, 1)), LEAK_EVERY_MS)
})
setInterval(() => undefined, 60_000)
process.stdout.write(`${JSON.stringify({ holding: holdMb })}\n`)
