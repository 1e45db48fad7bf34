export const english = {
  people: {
    title: 'Family',
    you: 'you',
    invite: 'Invite somebody',
    role: 'Role',
    submit: 'Make an invitation',
    once: (role: string, until: string) =>
      `Invitation for: ${role}. It is shown only now and works once, until ${until}.`,
    link: 'Link',
    token: 'Or the bare invitation',
    join: 'You were invited to another family.',
    joinSubmit: 'Join it',
    later: 'Not now',
    manage: (name: string) => `Manage ${name}`,
    change: 'Manage',
    saveRole: 'Change the role',
    roleChanged: (name: string, role: string) => `${name} is now: ${role}.`,
    remove: 'Remove from the family',
    removeText: (name: string) =>
      `${name} will see nothing of this family any more and is signed out within seconds. What they did stays in the trail.`,
    removed: (name: string) => `${name} is not in the family any more.`,
    invitations: 'Open invitations',
    invitation: (role: string, until: string) => `${role}, until ${until}`,
    withdraw: 'Withdraw',
  },
}

export const russian: typeof english = {
  people: {
    title: 'Семья',
    you: 'вы',
    invite: 'Пригласить',
    role: 'Роль',
    submit: 'Создать приглашение',
    once: (role, until) =>
      `Приглашение, роль: ${role}. Оно показано только сейчас и сработает один раз, до ${until}.`,
    link: 'Ссылка',
    token: 'Или само приглашение',
    join: 'Вас пригласили в другую семью.',
    joinSubmit: 'Вступить',
    later: 'Не сейчас',
    manage: (name) => `Управлять: ${name}`,
    change: 'Управлять',
    saveRole: 'Изменить роль',
    roleChanged: (name, role) => `${name}, роль теперь: ${role}.`,
    remove: 'Исключить из семьи',
    removeText: (name) =>
      `${name} больше ничего не увидит в этой семье, и доступ закроется за секунды. Сделанное останется в журнале.`,
    removed: (name) => `${name} больше не в семье.`,
    invitations: 'Открытые приглашения',
    invitation: (role, until) => `${role}, до ${until}`,
    withdraw: 'Отозвать',
  },
}
