import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { failure } from '../../tools/launcher/failure.ts'
import type { StopSignals } from '../../tools/launcher/stop-signals.ts'

/** What a part is told. */
export interface PartOptions {
  /** Decides what is done and when; what the machine makes of it no number decides. */
  seed: number
  transfers: number
  /** How long the parts that last take; each has its own unless told. */
  minutes: number | undefined
  /** In a few minutes, with every kind of fault of the part once. */
  short: boolean
  stop: StopSignals
  say: (text: string) => void
}

export interface Arguments extends Omit<PartOptions, 'stop' | 'say'> {
  /** Names of parts; empty: the usual ones. */
  only: string[]
}

const wholeNumber = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw failure(`--${name} ${text} is not a whole number.`)
  return Number(text)
}

/** `--seed N --transfers N --minutes M --only PART[,PART] --short`. */
export function readArguments(args: string[]): Arguments {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      transfers: { type: 'string' },
      minutes: { type: 'string' },
      only: { type: 'string' },
      short: { type: 'boolean', default: false },
    },
  })
  return {
    seed: wholeNumber('seed', values.seed) ?? randomInt(1_000_000),
    transfers: wholeNumber('transfers', values.transfers) ?? (values.short ? 400 : 2_000),
    minutes: wholeNumber('minutes', values.minutes),
    short: values.short,
    only: values.only?.split(',').map((name) => name.trim()) ?? [],
  }
}
