import { readFileSync } from 'node:fs'

/**
 * Loaded into a process before its own code (`--import`): shifts its time of day by the milliseconds in the file that
 * STEPPED_CLOCK_FILE names, and looks again ten times a second. Its steady clock and its timers stay, as they do when
 * somebody sets a machine's clock.
 */
const file = process.env['STEPPED_CLOCK_FILE']
const LOOK_MS = 100

if (file !== undefined) {
  const OwnDate = Date
  let shift = 0
  const look = () => {
    try {
      shift = Number(readFileSync(file, 'utf8')) || 0
    } catch {
      shift = 0
    }
  }
  const now = () => OwnDate.now() + shift
  look()
  setInterval(look, LOOK_MS).unref()
  globalThis.Date = new Proxy(OwnDate, {
    construct: (target, given: [], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget) as Date,
    apply: () => new OwnDate(now()).toString(),
    get: (target, name, receiver) =>
      name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown),
  })
}
