import { parseArgs } from 'node:util'
import { playStory } from './story/play-story.ts'

const usage = `npm run story -- [--url http://127.0.0.1:8000]

Plays the story of a family against a system that runs anywhere: a new family, a spending that posts, one that waits, is
refused to its author, approved and reversed, and the trail that tells all of it. Says each step; exit code 1 at the first
that is not as it should be. The family stays.`

try {
  const { values } = parseArgs({
    options: {
      url: { type: 'string', default: process.env['PURSE_URL'] ?? 'http://127.0.0.1:8000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) console.log(usage)
  else await playStory(values.url, (step) => console.log(`ok  ${step}`))
} catch (error) {
  console.error(`FAILED  ${(error as Error).message}`)
  process.exitCode = 1
}
