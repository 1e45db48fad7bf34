import { parseArgs } from 'node:util'
import { signIn } from './call/sign-in.ts'
import { callUsage, readCall } from './call/read-call.ts'
import { sendCall } from './call/send-call.ts'

/** `npm run call -- POST /transactions '{…}'`: one request to a running system, signed as a person's client would. */
try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      as: { type: 'string', default: 'ann' },
      key: { type: 'string' },
      url: { type: 'string' },
      verbose: { type: 'boolean', short: 'v', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help || positionals.length < 2) {
    console.log(callUsage)
    process.exit(values.help ? 0 : 2)
  }
  const call = readCall(positionals, { ...values, env: process.env })
  const status = await sendCall(call, await signIn(call, process.env))
  process.exitCode = status < 400 ? 0 : 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
