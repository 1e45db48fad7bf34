import { randomInt } from 'node:crypto'

const COUNT = 10
/** 79 bits: too many to be guessed from a hash. */
const LENGTH = 16
/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

const newCode = () => Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]!).join('')

/** Ten new codes as people are shown them: four groups of four. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: COUNT }, () => newCode().match(/.{4}/g)!.join('-'))

/** The code in what somebody typed, with or without dashes and in any case. */
export const plainRecoveryCode = (typed: string): string => typed.toLowerCase().replaceAll(/[\s-]/g, '')
