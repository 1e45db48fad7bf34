import type { DomainEvent } from '@common-purse/contracts'
import { shortId } from '../short-id.ts'
import type { Texts } from '../texts/index.ts'
import { describeDevice } from './describe-device.ts'
import type { Notice } from './messenger.ts'
import { valueIn } from './notice-deps.ts'

/** What the buttons of a security notice carry: yes or no, and the event that it is about. */
export const signInTapShape = /^sec:(ok|out):([\w-]{22})$/

const button = (text: string, action: 'ok' | 'out', event: DomainEvent) => ({
  text,
  callback_data: `sec:${action}:${shortId(event.id)}`,
})

/** Pure: asks whether a sign-in was the person's own. */
export function signInCard(event: DomainEvent, { notice, format }: Texts): Notice {
  const { kind, name } = describeDevice(valueIn(event, 'user_agent'))
  return {
    text: notice.newDevice(notice.device[kind](name), event.ip ?? '?', format.instant(event.time)),
    keyboard: [[button(notice.wasMe, 'ok', event)], [button(notice.notMe, 'out', event)]],
  }
}

/** Pure: tells what makes an account easier to take over. */
export function changeCard(
  event: DomainEvent,
  kind: 'passwordChanged' | 'totpDisabled',
  { notice, format }: Texts,
): Notice {
  return {
    text: notice[kind](format.instant(event.time)),
    keyboard: [[button(notice.wasMe, 'ok', event)], [button(notice.notMe, 'out', event)]],
  }
}
