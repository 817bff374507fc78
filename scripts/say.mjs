/** Scripts speak on stderr only: stdout belongs to the command that they run. */
export function say(sentence) {
  process.stderr.write(`worker-recycler: ${sentence}\n`)
}

/** Ends the script with one sentence. */
export function fail(sentence, code = 1) {
  say(sentence)
  process.exit(code)
}
