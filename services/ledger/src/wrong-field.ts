import { Problem } from '@common-purse/contracts'

/** A refusal that names the field, as those of the contract do; `message` says what is expected. */
export const wrongField = (field: string, message: string): Problem =>
  new Problem('invalid_request', `${field}: ${message}`, { errors: [{ field, message }] })
