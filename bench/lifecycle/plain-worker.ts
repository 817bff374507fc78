// The least worker without an SDK: it exits at once when it is asked to, with nothing to look after.
process.on('SIGTERM', () => process.exit(0))
setInterval(() => {}, 60_000)
process.send?.('ready')
