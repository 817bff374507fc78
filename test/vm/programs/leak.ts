// Holds more and more memory, MB_PER_SECOND of it, until something ends it.
const [, , rate = '50'] = process.argv
const MB = 2 ** 20
const STEP_MS = 50
const held: Buffer[] = []

process.stdout.write(`${JSON.stringify({ leaking: Number(rate) })}\n`)
setInterval(() => {
  // Filled, for memory that is only reserved is not held.
  held.push(Buffer.alloc((Number(rate) * MB * STEP_MS) / 1000, held.length + 1))
}, STEP_MS)
