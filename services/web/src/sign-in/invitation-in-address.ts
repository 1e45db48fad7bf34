/**
 * The invitation in the page's address. It stands behind `#`, which browsers do not send, so that it never reaches a log.
 */
export const invitationInAddress = (): string | undefined =>
  new URLSearchParams(location.hash.slice(1)).get('invitation') ?? undefined

export const invitationLink = (token: string): string =>
  `${location.origin}/#${new URLSearchParams({ invitation: token }).toString()}`

/** Takes a used invitation out of the address and of the browser's history. */
export const forgetInvitation = (): void =>
  history.replaceState(null, '', location.pathname + location.search)
