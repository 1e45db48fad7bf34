import type { Transaction } from '@common-purse/contracts'
import { useEffect, useState } from 'react'
import { describeFailure, type Failure } from '../describe-failure.ts'
import { useApi } from '../session/api-context.ts'
import type { Submission } from './submission.ts'

/** Between the last key and the question what would come of it. */
const PAUSE_MS = 350

interface Preview {
  transaction?: Transaction
  failure?: Failure
}

/** What the server says would come of it (`dry_run`); nothing while there is no sum yet, or it is being done. */
export function usePreview(submission: Submission, hidden: boolean): Preview {
  const { call } = useApi()
  const [found, setFound] = useState<{ of: string } & Preview>()
  const content = JSON.stringify(submission)
  const hasTarget = submission.type !== 'transfer' || Boolean(submission.to_account_id)
  const isWanted = !hidden && hasTarget && /[1-9]/.test(submission.amount)
  useEffect(() => {
    if (!isWanted) return undefined
    let isOver = false
    const ask = async () => {
      const body = JSON.parse(content) as Submission
      const outcome = await call('submitTransaction', { body, query: { dry_run: 'true' } }).then(
        (transaction): Preview => ({ transaction }),
        (error: unknown): Preview => ({ failure: describeFailure(error) }),
      )
      if (!isOver) setFound({ of: content, ...outcome })
    }
    const timer = setTimeout(() => void ask(), PAUSE_MS)
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [call, content, isWanted])
  return isWanted && found?.of === content ? found : {}
}
