import { expect, test } from '@jest/globals'
import { serviceUrl } from './databases.ts'

test('a service has its own role in the same database', () => {
  const admin = 'postgresql://postgres:admin@db:5433/common_purse?sslmode=require'
  expect(serviceUrl(admin, 'ledger', 'own')).toBe(
    'postgresql://purse_ledger:own@db:5433/common_purse?sslmode=require',
  )
})
