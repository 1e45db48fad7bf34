import { useCallback, useEffect, useRef, useState } from 'react'
import { describeFailure, type Failure } from './describe-failure.ts'

export interface Loaded<Value> {
  value: Value | undefined
  failure: Failure | undefined
  /** When the value came. */
  at: Date | undefined
  /** Reads again; what is shown stays until the new value is there. */
  reload(): Promise<void>
}

/** Reads something when the component appears, and whenever `load` becomes another function. */
export function useLoaded<Value>(load: () => Promise<Value>): Loaded<Value> {
  const [state, setState] = useState<{ value?: Value; at?: Date; failure?: Failure }>({})
  const turn = useRef(0)

  const reload = useCallback(async () => {
    const mine = ++turn.current
    try {
      const value = await load()
      if (mine === turn.current) setState({ value, at: new Date() })
    } catch (error) {
      if (mine === turn.current) setState((before) => ({ ...before, failure: describeFailure(error) }))
    }
  }, [load])

  useEffect(() => {
    void reload()
    return () => void turn.current++
  }, [reload])

  return { value: state.value, failure: state.failure, at: state.at, reload }
}
