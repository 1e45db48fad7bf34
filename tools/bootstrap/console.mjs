const began = Date.now()

/** Prints one line with the time since the command began, so that a person sees that something moves. */
export function say(text) {
  const seconds = ((Date.now() - began) / 1000).toFixed(1)
  console.log(`[${seconds.padStart(6)}s] ${text}`)
}

/** Ends the command with a message that says what went wrong and what to do. */
export function fail(...lines) {
  console.error(`\n${lines.join('\n')}\n`)
  process.exit(1)
}
