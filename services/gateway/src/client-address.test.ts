import { BlockList } from 'node:net'
import { expect, test } from '@jest/globals'
import { addressKey, findClientAddress } from './client-address.ts'

const trusted = new BlockList()
trusted.addSubnet('10.0.0.0', 8, 'ipv4')
trusted.addSubnet('fd00::', 8, 'ipv6')

test.each([
  ['nobody is trusted by default', '203.0.113.1', '198.51.100.1', '203.0.113.1'],
  ['the right-most that is not a proxy', '10.0.0.1', '198.51.100.1, 203.0.113.7, 10.2.3.4', '203.0.113.7'],
  [
    'what a client wrote itself stands left and is not believed',
    '10.0.0.1',
    '1.1.1.1, 203.0.113.7',
    '203.0.113.7',
  ],
  ['through an IPv6 socket', '::ffff:10.0.0.1', '203.0.113.7', '203.0.113.7'],
  ['IPv6 proxies', 'fd00::1', '2001:db8::5, fd00::2', '2001:db8::5'],
  ['with ports', '10.0.0.1', '[2001:db8::5]:443, 10.0.0.2:80', '2001:db8::5'],
  ['nonsense ends the search', '10.0.0.1', '203.0.113.7, unknown, 10.0.0.9', '10.0.0.9'],
  ['only proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['no header', '10.0.0.1', undefined, '10.0.0.1'],
])('finds the address: %s', (_name, peer, header, expected) => {
  expect(findClientAddress(peer, header, trusted)).toBe(expected)
})

test('counts an IPv6 address by its /64', () => {
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2::9'))
  expect(addressKey('2001:0db8:0001:0002::9')).toBe(addressKey('2001:db8:1:2::9'))
  expect(addressKey('2001:db8:1:3::9')).not.toBe(addressKey('2001:db8:1:2::9'))
  expect(addressKey('::1')).toBe('0:0:0:0::/64')
  expect(addressKey('203.0.113.7')).toBe('203.0.113.7')
})
