export const english = {
  signedOut: {
    signed_out: 'You have signed out.',
    signed_out_here:
      'You have signed out here, but the server could not be told. The session ends by itself.',
    ended:
      'Your session was ended: from another device, by a new password, or because it was too old. Sign in again.',
  },
  signIn: {
    title: 'Sign in',
    email: 'E-mail',
    password: 'Password',
    submit: 'Sign in',
    toRegister: 'New here? Register',
    code: 'Code',
    codeHint: 'Six digits from your authenticator, or one of your recovery codes',
    codeWrong: 'This code is wrong, too old or was used before. Take the next one.',
    toPassword: 'Back to e-mail and password',
  },
  register: {
    title: 'Register',
    displayName: 'Your name',
    email: 'E-mail',
    password: 'Password',
    passwordHint: '12 characters or more',
    how: 'Which family?',
    newFamily: 'A new family',
    invited: 'I was invited',
    familyName: 'Name of the family',
    token: 'Invitation',
    submit: 'Register',
    toSignIn: 'Registered already? Sign in',
  },
}

export const russian: typeof english = {
  signedOut: {
    signed_out: 'Вы вышли.',
    signed_out_here: 'Здесь вы вышли, но сообщить серверу не удалось. Сессия закончится сама.',
    ended:
      'Сессия завершена: с другого устройства, новым паролем или потому, что она слишком старая. Войдите снова.',
  },
  signIn: {
    title: 'Вход',
    email: 'Эл. почта',
    password: 'Пароль',
    submit: 'Войти',
    toRegister: 'Впервые здесь? Зарегистрируйтесь',
    code: 'Код',
    codeHint: 'Шесть цифр из приложения или один из кодов восстановления',
    codeWrong: 'Код неверный, устарел или уже использован. Возьмите следующий.',
    toPassword: 'Назад к адресу и паролю',
  },
  register: {
    title: 'Регистрация',
    displayName: 'Ваше имя',
    email: 'Эл. почта',
    password: 'Пароль',
    passwordHint: '12 символов или больше',
    how: 'В какую семью?',
    newFamily: 'Новая семья',
    invited: 'Меня пригласили',
    familyName: 'Название семьи',
    token: 'Приглашение',
    submit: 'Зарегистрироваться',
    toSignIn: 'Уже есть учётная запись? Войдите',
  },
}
