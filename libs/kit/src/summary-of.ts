const table = /\b(?:from|into|update|join|table)\s+(?:only\s+)?((?:"?\w+"?\.)?"?\w+"?)/i
const called =
  /^\s*select\s+(?:\*\s+from\s+)?((?:\w+\.)?(?!(?:count|coalesce|exists|max|min|sum|now)\b)\w+)\s*\(/i
const change = /\b(?:insert|update|delete)\b/i

/**
 * What a statement does, in a few words: `SELECT outbox`, `INSERT event_log`, `CALL post_transactions`. Values never appear:
 * where nothing is recognized the verb is all there is.
 */
export function summaryOf(sql: string): string {
  const name = first(called, sql)
  if (name !== undefined) return `CALL ${name}`
  const verb = first(/([a-z]+)/i, sql.slice(0, 200)) ?? 'SQL'
  const doing = /^with$/i.test(verb) ? (change.exec(sql)?.[0] ?? 'select') : verb
  const about = first(table, sql)?.replaceAll('"', '')
  return [doing.toUpperCase(), ...(about === undefined ? [] : [about])].join(' ').slice(0, 80)
}

const first = (pattern: RegExp, text: string): string | undefined => pattern.exec(text)?.[1]
