import { texts } from '../texts.ts'

export function Brand() {
  return (
    <span className="brand">
      <img src="/favicon.svg" alt="" width="32" height="32" />
      {texts.brand}
    </span>
  )
}
