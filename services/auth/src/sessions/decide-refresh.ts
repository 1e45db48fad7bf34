export interface RefreshFacts {
  /** Whether the session was ended or its time is over. */
  over: boolean
  /** Seconds since the token was used; null when it was not. */
  usedSecondsAgo: number | null
  graceSeconds: number
}

/**
 * rotate: the token is used up and has a successor. repeat: it was used a moment ago, so the answer got lost on the way
 * or several asked at once, and the same successor is answered. reused: two people have it. over: nothing to refresh.
 */
export type RefreshDecision = 'rotate' | 'repeat' | 'reused' | 'over'

export function decideRefresh({ over, usedSecondsAgo, graceSeconds }: RefreshFacts): RefreshDecision {
  if (over) return 'over'
  if (usedSecondsAgo === null) return 'rotate'
  return usedSecondsAgo <= graceSeconds ? 'repeat' : 'reused'
}
