import type { ProblemCode } from '@common-purse/contracts'

/** Every word of the pages, so that another language is another table of the same type. */
const english = {
  language: 'en',
  brand: 'Common Purse',
  tagline: 'Money a family keeps together: who may spend, who approves, and a trail nobody can rewrite.',
  moment: 'One moment…',
  close: 'Close',
  back: 'Back',
  tryAgain: 'Try again',
  optional: 'optional',
  insecure:
    'Open this page over https (or on this computer as http://localhost): only there can a browser sign requests.',
  requestId: 'Request',
  amountHint: (places: number) => `A sum such as ${(12).toFixed(places)}`,

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
    email_taken: 'This e-mail address is registered already. Sign in instead.',
    code_expired: 'This link has expired or was used. Send /start to the bot again.',
    invitation_expired: 'This invitation has expired or was used. Ask for a new one.',
    rate_limited: 'Too many tries.',
    internal: 'Something broke on the server. Try again in a moment.',
    upstream_unavailable: 'A part of the system is not answering. Try again in a moment.',
    replay_guard_unavailable: 'Changes cannot be checked right now. Try again in a moment.',
  } satisfies Partial<Record<ProblemCode, string>> as Partial<Record<string, string>>,

  signedOut: {
    signed_out: 'You have signed out.',
    signed_out_here:
      'You have signed out here, but the server could not be told. The session ends by itself.',
    ended: 'Your session has ended. Sign in again.',
  },
  unreachable: 'Your session could not be taken up again.',

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

  roles: { owner: 'Owner', adult: 'Adult', member: 'Member', child: 'Child', read_only: 'Reader' },
  header: { signOut: 'Sign out', family: 'Family', skip: 'Skip to the content' },

  accounts: {
    title: 'Accounts',
    empty: 'No accounts yet.',
    available: 'available',
    posted: 'Posted',
    held: 'Held',
    closed: 'closed',
    visibility: { family: 'family', shared: 'shared', private: 'private' },
    kinds: { cash: 'Cash', bank: 'Bank', card: 'Card', savings: 'Savings', credit: 'Credit', loan: 'Loan' },
    open: 'Open an account',
    name: 'Name',
    kind: 'Kind',
    currency: 'Currency',
    currencyHint: 'Three letters, such as EUR',
    opening: 'Money in it now',
    visible: 'Who sees it',
    visibleChoices: { family: 'The whole family', private: 'Only I' },
    submit: 'Open account',
    opened: (name: string) => `${name} is open.`,
  },

  spend: {
    title: 'New transaction',
    types: { expense: 'Expense', income: 'Income', transfer: 'Transfer' },
    account: { expense: 'From', income: 'Into', transfer: 'From' },
    toAccount: 'To',
    choose: 'Choose an account',
    amount: (currency: string) => `Amount, ${currency}`,
    noCurrency: 'account’s currency',
    description: 'What for',
    submit: { expense: 'Spend', income: 'Add income', transfer: 'Move' },
    posted: (amount: string) => `Done: ${amount}.`,
    waits: (amount: string, names: string, until: string) =>
      `${amount} waits for approval${names ? ` by ${names}` : ''}, until ${until}.`,
    needsAccount: 'Open an account first.',
  },

  waiting: {
    title: 'Waiting for approval',
    empty: 'Nothing is waiting.',
    why: {
      above_threshold: (threshold: string) => `Above the limit of ${threshold}`,
      rolling_sum: (threshold: string) => `With the last 24 hours, above the limit of ${threshold}`,
    },
    until: (time: string) => `until ${time}`,
    given: (given: number, required: number) => `${given} of ${required} approvals`,
    waitsFor: (names: string) => `Waits for ${names}`,
    approve: 'Approve',
    reject: 'Reject',
    cancel: 'Take back',
    rejectTitle: 'Reject this transaction?',
  },

  transactions: {
    title: 'Latest transactions',
    empty: 'Nothing has moved yet.',
    older: 'Show older',
    by: (name: string) => `by ${name}`,
    somebody: 'somebody',
    reversalOf: (title: string) => `Reversal: ${title}`,
    status: {
      pending_approval: 'waiting',
      posted: 'posted',
      rejected: 'rejected',
      cancelled: 'taken back',
      expired: 'expired',
      reversed: 'reversed',
    },
    reverse: 'Reverse',
    reverseTitle: 'Reverse this transaction?',
    reverseText: 'An opposite transaction is added. Nothing is erased, and the trail keeps both.',
    reason: 'Reason',
  },

  trail: {
    title: 'Trail',
    text: 'Every change is in one chain. Check that nothing in it was altered or is missing.',
    check: 'Check the trail',
    intact: (entries: number) =>
      `Intact: ${entries} ${entries === 1 ? 'entry' : 'entries'}, nothing altered.`,
    broken: (seq: number) => `Broken: entry ${seq} does not fit the chain.`,
    head: 'Newest hash',
  },

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
    copy: 'Copy',
    copied: 'Copied',
    join: 'You were invited to another family.',
    joinSubmit: 'Join it',
    later: 'Not now',
  },

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
    home: 'To the family',
  },
}

export type Texts = typeof english
export const texts: Texts = english
