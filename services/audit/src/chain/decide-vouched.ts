import type { ChainEnd } from '../entries/decide-append.ts'

/**
 * The first entry that cannot be vouched for, when the newest anchors do not fit. `walked` is how far the entries fit
 * each other, `held` the last anchor that the trail still has, `missed` the first that it has not. Where the entries fit
 * each other up to that anchor, they were written anew together, from somewhere after `held` on. Else the place where
 * they cease to fit, or to exist, is what happened. An anchor that cannot be read (null) could have said anything about
 * what comes after `held`.
 */
export const decideVouched = (
  walked: number,
  held: Pick<ChainEnd, 'seq'>,
  missed: Pick<ChainEnd, 'seq'> | null,
): number => {
  if (missed === null) return Math.min(walked, held.seq) + 1
  return missed.seq > walked ? walked + 1 : held.seq + 1
}
