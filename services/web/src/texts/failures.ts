import type { ProblemCode } from '@common-purse/contracts'

export const english = {
  failures: {
    offline: 'The server cannot be reached. Check the connection and try again.',
    timeout: 'The server did not answer in time.',
    uncertain: 'It is not known whether this was done. Press again: it will not be done twice.',
    unexpected: 'Something went wrong in this page. Load it again.',
    clock: (time: string) =>
      `The clock of this device is wrong, so its requests are refused. The server’s time is ${time}.`,
    retryAfter: (seconds: number) =>
      `Try again in ${seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`}.`,
  },
  /** Where the server’s own words are not the best ones for a person. */
  problems: {
    credentials_invalid: 'The e-mail address or the password is wrong.',
    totp_required: 'Two-step sign-in is on: a code is needed too.',
    invalid_request: 'Something in the form is not right.',
    token_expired: 'You were signed out because the session has expired.',
    token_revoked: 'This session was ended. Sign in again.',
    refresh_token_invalid: 'This session was ended. Sign in again.',
    refresh_token_reused: 'This session was ended, because its key was used twice. Sign in again.',
    permission_denied: 'Your role in the family does not allow this.',
    self_approval: 'Somebody else has to approve this.',
    insufficient_funds: 'There is not enough money in the account.',
    already_resolved: 'Somebody was quicker: this does not wait any more.',
    already_reversed: 'This was undone before.',
    last_owner: 'A family keeps at least one owner. Make somebody else an owner first.',
    telegram_taken:
      'This Telegram account is linked to somebody else, or another one to you. That link has to be undone first.',
    email_taken: 'This e-mail address is registered already. Sign in instead.',
    code_expired: 'This link has expired or was used. Send /start to the bot again.',
    invitation_expired: 'This invitation has expired or was used. Ask for a new one.',
    rate_limited: 'Too many tries.',
    request_in_progress: 'This is being worked on already. Wait a moment.',
    internal: 'Something broke on the server. Try again in a moment.',
    upstream_unavailable: 'A part of the system is not answering. Try again in a moment.',
    replay_guard_unavailable: 'Changes cannot be checked right now. Try again in a moment.',
  } satisfies Partial<Record<ProblemCode, string>> as Partial<Record<string, string>>,
  unreachable: 'Your session could not be taken up again.',
  /** What the server says of single fields, where that is not in the person’s language. */
  fieldError: (message: string) => message,
}

export const russian: typeof english = {
  failures: {
    offline: 'Сервер недоступен. Проверьте соединение и попробуйте ещё раз.',
    timeout: 'Сервер не ответил вовремя.',
    uncertain: 'Неизвестно, выполнено ли это. Нажмите ещё раз: дважды это сделано не будет.',
    unexpected: 'На этой странице что-то сломалось. Загрузите её заново.',
    clock: (time) =>
      `Часы этого устройства идут неверно, поэтому запросы отклоняются. Время сервера: ${time}.`,
    retryAfter: (seconds) =>
      `Попробуйте снова через ${seconds < 90 ? `${seconds} с` : `${Math.ceil(seconds / 60)} мин`}.`,
  },
  problems: {
    invalid_request: 'В форме что-то не так.',
    unauthenticated: 'Сначала войдите.',
    token_invalid: 'Сессия недействительна. Войдите снова.',
    token_expired: 'Вы вышли: сессия истекла.',
    token_revoked: 'Эта сессия завершена. Войдите снова.',
    credentials_invalid: 'Адрес или пароль неверны.',
    totp_required: 'Включён вход в два шага: нужен ещё и код.',
    refresh_token_invalid: 'Эта сессия завершена. Войдите снова.',
    refresh_token_reused: 'Сессия завершена: её ключ использован дважды. Войдите снова.',
    signature_invalid: 'Подпись запроса не сошлась. Загрузите страницу заново.',
    permission_denied: 'Ваша роль в семье этого не позволяет.',
    self_approval: 'Это должен одобрить кто-то другой.',
    not_found: 'Этого здесь нет или вам это не видно.',
    insufficient_funds: 'На счёте недостаточно денег.',
    already_resolved: 'Кто-то успел раньше: это больше не ждёт.',
    already_reversed: 'Это уже отменено.',
    not_reversible: 'Это нельзя отменить.',
    request_in_progress: 'Это уже выполняется. Подождите немного.',
    email_taken: 'Этот адрес уже зарегистрирован. Войдите.',
    telegram_taken:
      'Этот Telegram привязан к другому человеку, или к вам привязан другой. Сначала отвяжите его.',
    telegram_not_linked: 'Этот Telegram ещё не привязан.',
    totp_already_enabled: 'Вход в два шага уже включён.',
    already_member: 'Вы уже в этой семье.',
    last_owner: 'В семье должен остаться хотя бы один владелец. Сначала сделайте владельцем кого-то ещё.',
    account_closed: 'Счёт закрыт.',
    limit_reached: 'Больше создать нельзя: достигнут предел.',
    code_expired: 'Ссылка устарела или уже использована. Снова отправьте боту /start.',
    invitation_expired: 'Приглашение устарело или уже использовано. Попросите новое.',
    rate_limited: 'Слишком много попыток.',
    internal: 'На сервере что-то сломалось. Попробуйте чуть позже.',
    upstream_unavailable: 'Часть системы не отвечает. Попробуйте чуть позже.',
    replay_guard_unavailable: 'Сейчас изменения нельзя проверить. Попробуйте чуть позже.',
  },
  unreachable: 'Не удалось продолжить сессию.',
  fieldError: (message) => {
    if (message.includes('12 characters')) return 'Нужно 12 символов или больше'
    if (message.includes('more than zero')) return 'Нужна сумма больше нуля'
    return 'Проверьте это поле'
  },
}
