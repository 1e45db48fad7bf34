/** A spreadsheet would read a cell that begins with one of these as a formula; the wide ones too, in some. */
const formula = /^[=+\-@\t\r\n＝＋－＠]/

/** Text that a person wrote, made harmless for spreadsheets by a leading apostrophe. */
export const csvText = (text: string): string => (formula.test(text) ? `'${text}` : text)

/** One record of RFC 4180 with its line end; null is an empty field. */
export const csvLine = (fields: readonly (string | null)[]): string =>
  fields.map((field) => quoted(field ?? '')).join(',') + '\r\n'

const quoted = (field: string): string =>
  /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
