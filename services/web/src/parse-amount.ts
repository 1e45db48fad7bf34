/** What an input takes as a sum of that many decimal places, for its `pattern`. */
export const amountPattern = (places: number): string =>
  places === 0 ? String.raw`[\d\s]+` : String.raw`[\d\s]+([.,]\d{1,${places}})?`

/**
 * What people type as a sum, in the form the API takes: spaces go, and a comma before one or two last digits is the
 * decimal sign. A comma before three digits means thousands to some and thousandths to others, so it is left for the
 * contract to refuse.
 */
export function parseAmount(text: string): string {
  const bare = text.replaceAll(/\s/gu, '')
  const pointed = /^\d+,\d{1,2}$/.test(bare) ? bare.replace(',', '.') : bare
  return pointed.replace(/^0+(?=\d)/, '')
}
