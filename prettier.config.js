/** @type {import('prettier').Config} */
export const semi = false
export const singleQuote = true
export const printWidth = 110
export const trailingComma = 'all'
