export const english = {
  link: {
    title: 'Link Telegram',
    signInFirst: 'Sign in to link your Telegram account.',
    noCode: 'This link is not complete. Send /start to the bot again and open the link from its answer.',
    unknown: 'This link is not known. Send /start to the bot again and open the link from its answer.',
    asks: 'This Telegram account asks to act for you:',
    name: 'Name',
    username: 'Username',
    id: 'Telegram ID',
    none: 'not set',
    to: (name: string, email: string, family: string) =>
      `It will see and spend as ${name} (${email}) in ${family}.`,
    warning: 'Confirm only if this is your own account and you have just sent /start to the bot.',
    confirm: 'Confirm',
    notMe: 'Not me',
    other: 'Sign in as somebody else',
    done: 'Linked. Go back to Telegram.',
    refused: 'Nothing was linked. You can close this page; the link ends by itself.',
    already: (name: string) => `${name} is linked to you already. Unlink it in the settings first.`,
  },
}

export const russian: typeof english = {
  link: {
    title: 'Привязать Telegram',
    signInFirst: 'Войдите, чтобы привязать Telegram.',
    noCode: 'Ссылка неполная. Снова отправьте боту /start и откройте ссылку из ответа.',
    unknown: 'Такой ссылки нет. Снова отправьте боту /start и откройте ссылку из ответа.',
    asks: 'Этот Telegram просит действовать от вашего имени:',
    name: 'Имя',
    username: 'Имя пользователя',
    id: 'Telegram ID',
    none: 'не указано',
    to: (name, email, family) => `Он будет видеть и тратить как ${name} (${email}), семья «${family}».`,
    warning: 'Подтверждайте, только если это ваш Telegram и вы сами только что отправили боту /start.',
    confirm: 'Подтвердить',
    notMe: 'Это не я',
    other: 'Войти под другим именем',
    done: 'Привязано. Вернитесь в Telegram.',
    refused: 'Ничего не привязано. Страницу можно закрыть, ссылка устареет сама.',
    already: (name) => `К вам уже привязан ${name}. Сначала отвяжите его в настройках.`,
  },
}
