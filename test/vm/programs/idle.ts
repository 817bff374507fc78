// Says which environment it was given, and waits to be stopped.
process.stdout.write(`${JSON.stringify({ environment: process.env })}\n`)
setInterval(() => undefined, 60_000)
