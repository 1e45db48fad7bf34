import { describe, expect, test } from '@jest/globals'
import { summaryOf } from './summary-of.ts'

describe('the summary of a statement', () => {
  test.each([
    ['SELECT id FROM accounts WHERE family_id = $1', 'SELECT accounts'],
    ['SELECT "ledger"."accounts"."id" FROM "ledger"."accounts" WHERE 1=1', 'SELECT ledger.accounts'],
    ['\n  INSERT INTO outbox (id) SELECT 1 FROM jsonb_array_elements($1)', 'INSERT outbox'],
    ['UPDATE sessions SET used = true', 'UPDATE sessions'],
    ['DELETE FROM idempotency_keys', 'DELETE idempotency_keys'],
    ['WITH gone AS (DELETE FROM keys RETURNING *) SELECT 1', 'DELETE keys'],
    ['SELECT * FROM post_transactions($1::jsonb)', 'CALL post_transactions'],
    ["SELECT set_config('x', '5s', true)", 'CALL set_config'],
    ['SELECT count(*) FROM outbox', 'SELECT outbox'],
    ['BEGIN', 'BEGIN'],
    ['COMMIT', 'COMMIT'],
    ['', 'SQL'],
  ])('%s', (sql, summary) => {
    expect(summaryOf(sql)).toBe(summary)
  })

  test('no value of a statement is in it', () => {
    expect(summaryOf("SELECT 1 FROM users WHERE email = 'ann@example.org'")).toBe('SELECT users')
  })
})
