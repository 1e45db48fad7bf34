import type { Answer } from '@common-purse/contracts'
import { useState } from 'react'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { useNews } from '../ui/news.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { Secret } from '../ui/secret.tsx'
import { useAction } from '../use-action.ts'
import { EnrolledForm } from './enrolled-form.tsx'
import { type Proof, ProofForm } from './proof-form.tsx'

const words = texts.settings.totp

type Step =
  | { at: 'start' }
  | { at: 'proof' }
  | { at: 'enrolled'; enrolled: Answer<'enrollTotp'> }
  | { at: 'codes'; codes: string[] }

interface TwoStepPanelProps {
  enabled: boolean
  onChange: () => Promise<void>
}

/** Turning two-step sign-in on, step by step, and off. */
export function TwoStepPanel({ enabled, onChange }: TwoStepPanelProps) {
  const [step, setStep] = useState<Step>({ at: 'start' })
  const handleKept = async () => {
    await onChange()
    setStep({ at: 'start' })
  }
  return (
    <Panel title={words.title}>
      {step.at === 'codes' ? (
        <RecoveryCodes codes={step.codes} onKept={() => void handleKept()} />
      ) : enabled ? (
        <TurnOff onChange={onChange} />
      ) : (
        <TurnOn step={step} onStep={setStep} />
      )}
    </Panel>
  )
}

function TurnOn({ step, onStep }: { step: Step; onStep: (step: Step) => void }) {
  const { call } = useApi()
  const enroll = useAction(async (body: Proof, idempotencyKey) => {
    onStep({ at: 'enrolled', enrolled: await call('enrollTotp', { body, idempotencyKey }) })
  })
  const verify = useAction(async (body: { code: string }, idempotencyKey) => {
    const { recovery_codes } = await call('verifyTotp', { body, idempotencyKey })
    onStep({ at: 'codes', codes: recovery_codes })
  })
  if (step.at === 'enrolled')
    return (
      <EnrolledForm
        {...step.enrolled}
        busy={verify.busy}
        failure={verify.failure}
        onCode={(code) => void verify.start({ code })}
      />
    )
  // The server asks who it is where the sign-in was not a moment ago.
  if (enroll.failure?.code === 'credentials_invalid' || step.at === 'proof')
    return (
      <ProofForm
        submit={words.start}
        busy={enroll.busy}
        failure={step.at === 'proof' ? enroll.failure : undefined}
        onProof={(proof) => {
          onStep({ at: 'proof' })
          void enroll.start(proof)
        }}
      />
    )
  return (
    <>
      <p>{words.off}</p>
      <FailureNotice failure={enroll.failure} />
      <div>
        <Button busy={enroll.busy} onClick={() => void enroll.start({})}>
          {words.start}
        </Button>
      </div>
    </>
  )
}

function RecoveryCodes({ codes, onKept }: { codes: string[]; onKept: () => void }) {
  return (
    <div className="stack">
      <h3>{words.codesTitle}</h3>
      <p>{words.codesText}</p>
      <ul className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Secret label={words.codesTitle} value={codes.join(' ')} />
      <div>
        <Button look="primary" onClick={onKept}>
          {words.kept}
        </Button>
      </div>
    </div>
  )
}

function TurnOff({ onChange }: { onChange: () => Promise<void> }) {
  const { call } = useApi()
  const announce = useNews()
  const disable = useAction(async (body: Proof, idempotencyKey) => {
    await call('disableTotp', { body, idempotencyKey })
    announce(words.stopped)
    await onChange()
  })
  return (
    <>
      <p>{words.on}</p>
      <details>
        <summary>{words.stop}</summary>
        <ProofForm
          withCode
          submit={words.stop}
          busy={disable.busy}
          failure={disable.failure}
          onProof={(proof) => void disable.start(proof)}
        />
      </details>
    </>
  )
}
