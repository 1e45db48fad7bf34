import { parentPort } from 'node:worker_threads'

/** Answers what it is sent, and ends as a thread does that was killed, or that threw. */
parentPort!.on('message', (job: string) => {
  if (job === 'exit') process.exit(1)
  if (job === 'throw') throw new Error('thrown')
  parentPort!.postMessage(`done: ${job}`)
})
