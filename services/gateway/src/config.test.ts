import { expect, test } from '@jest/globals'
import { loadConfig } from './config.ts'

const secret = 'q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c'
const env = {
  NATS_URL: 'nats://127.0.0.1:4222',
  REDIS_URL: 'redis://127.0.0.1:6379',
  JWKS_URL: 'http://127.0.0.1:1/jwks.json',
  REVOCATIONS_URL: 'http://127.0.0.1:1/revocations',
  AUTH_URL: 'http://127.0.0.1:1',
  LEDGER_URL: 'http://127.0.0.1:2/',
  AUDIT_URL: 'http://127.0.0.1:3',
  SIGNATURE_MASTER_SECRETS: `v1:${secret}`,
  BOT_CLIENT_SECRET: secret,
}

test('has the numbers of the product as defaults', () => {
  expect(loadConfig(env)).toMatchObject({
    PORT: 8000,
    RATE_LIMIT_ADDRESS: { count: 3000, seconds: 60 },
    RATE_LIMIT_BIND: { count: 10, seconds: 600 },
    SIGNATURE_AGE_CHANGES_SECONDS: 60,
    SIGNATURE_AGE_READS_SECONDS: 300,
    SIGNATURE_POLICY: 'changes',
    BODY_MAX_BYTES: 1_048_576,
    LEDGER_URL: 'http://127.0.0.1:2',
  })
})

test.each([
  ['1/1', { count: 1, seconds: 1 }],
  ['1000000000/31536000', { count: 1_000_000_000, seconds: 31_536_000 }],
])('reads the rate %s', (RATE_LIMIT_USER, rate) => {
  expect(loadConfig({ ...env, RATE_LIMIT_USER }).RATE_LIMIT_USER).toEqual(rate)
})

test('reads lists of proxies and origins', () => {
  const config = loadConfig({
    ...env,
    TRUSTED_PROXIES: '10.0.0.0/8, fd00::/8,192.0.2.1',
    CORS_ORIGINS: 'https://a.example, https://b.example/',
  })
  expect(config.TRUSTED_PROXIES.check('10.9.9.9', 'ipv4')).toBe(true)
  expect(config.TRUSTED_PROXIES.check('192.0.2.2', 'ipv4')).toBe(false)
  expect(config.TRUSTED_PROXIES.check('192.0.2.1', 'ipv4')).toBe(true)
  expect([...config.CORS_ORIGINS]).toEqual(['https://a.example', 'https://b.example'])
})

test.each([
  ['BOT_CLIENT_SECRET', 'short'],
  ['SIGNATURE_MASTER_SECRETS', 'v1:short'],
  ['TRUSTED_PROXIES', '10.0.0.0/40'],
  ['TRUSTED_PROXIES', 'somewhere'],
  ['TRUSTED_PROXIES', '10.0.0.0/'],
  ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
  ['TRUSTED_PROXIES', '10.0.0.0/-8'],
  ['TRUSTED_PROXIES', '10.0.0.0/0x8'],
  ['TRUSTED_PROXIES', '10.0.0/8'],
  ['TRUSTED_PROXIES', 'fd00::/129'],
  ['TRUSTED_PROXIES', '10.0.0.0/8;192.0.2.1'],
  ['RATE_LIMIT_USER', '5'],
  ['RATE_LIMIT_USER', '0/60'],
  ['RATE_LIMIT_USER', '60/0'],
  ['RATE_LIMIT_USER', '-1/60'],
  ['RATE_LIMIT_USER', '1.5/60'],
  ['RATE_LIMIT_USER', '1e3/60'],
  ['RATE_LIMIT_USER', '10/1m'],
  ['RATE_LIMIT_USER', '10/60/2'],
  ['RATE_LIMIT_USER', ' 10/60'],
  ['RATE_LIMIT_USER', '1000000001/60'],
  ['RATE_LIMIT_USER', '10/31536001'],
  ['RATE_LIMIT_USER', '99999999999999999999/99999999999999999999'],
  ['SIGNATURE_POLICY', 'none'],
  ['LEDGER_URL', 'ledger'],
])('refuses %s=%s by name and without showing it', (name, value) => {
  expect(() => loadConfig({ ...env, [name]: value })).toThrow(name)
})
