import type { ReactNode } from 'react'
import type { Failure } from '../describe-failure.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'

interface FailureNoticeProps {
  failure: Failure | undefined
  /** Fields of the form that show their own part of the failure. */
  fields?: readonly string[]
  onRetry?: () => void
}

/** A failure in words, read out at once, with the id to ask about. */
export function FailureNotice({ failure, fields = [], onRetry }: FailureNoticeProps) {
  const others = Object.entries(failure?.fields ?? {}).filter(([name]) => !fields.includes(name))
  return (
    <div role="alert" className="notice bad">
      {failure && <p>{failure.text}</p>}
      {others.map(([name, message]) => (
        <p key={name}>
          {name}: {message}
        </p>
      ))}
      {failure?.requestId && (
        <p className="quiet small">
          {texts.requestId} <code>{failure.requestId}</code>
        </p>
      )}
      {failure?.mayPass && onRetry && <Button onClick={onRetry}>{texts.tryAgain}</Button>}
    </div>
  )
}

/** Good news or plain news, read out when there is a pause. */
export function StatusNotice({ children, bad = false }: { children?: ReactNode; bad?: boolean }) {
  return (
    <div role="status" className={`notice ${bad ? 'bad' : 'good'}`}>
      {children}
    </div>
  )
}
