import { useRef, useState } from 'react'
import { describeFailure, type Failure, isUncertain } from './describe-failure.ts'
import { createIntention } from './intention.ts'

export interface Action<Input> {
  busy: boolean
  failure: Failure | undefined
  /** Answers whether it was done. A second press while the first is under way does nothing. */
  start(input: Input): Promise<boolean>
  clear(): void
}

/** Something a button does once: `run` gets the idempotency key to send, the same one when an uncertain try is repeated. */
export function useAction<Input>(
  run: (input: Input, idempotencyKey: string) => Promise<unknown>,
  { changes = true } = {},
): Action<Input> {
  const [state, setState] = useState<{ busy: boolean; failure?: Failure }>({ busy: false })
  const running = useRef(false)
  const [intention] = useState(() => createIntention())

  const start = async (input: Input) => {
    if (running.current) return false
    running.current = true
    setState({ busy: true })
    try {
      await run(input, intention.keyFor(input))
      intention.settle()
      setState({ busy: false })
      return true
    } catch (error) {
      if (!isUncertain(error)) intention.settle()
      setState({ busy: false, failure: describeFailure(error, changes) })
      return false
    } finally {
      running.current = false
    }
  }

  return { busy: state.busy, failure: state.failure, start, clear: () => setState({ busy: false }) }
}
