import { BlockList, isIP } from 'node:net'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { addressKey, findClientAddress, plainAddress } from './client-address.ts'

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
  ['empty items mean nothing', '10.0.0.1', ' , 203.0.113.7 ,, 10.0.0.2, ', '203.0.113.7'],
  ['an empty header', '10.0.0.1', '', '10.0.0.1'],
  ['a host name ends the search', '10.0.0.1', '203.0.113.7, client.example', '10.0.0.1'],
  ['an obfuscated name ends the search', '10.0.0.1', '203.0.113.7, _hidden', '10.0.0.1'],
  ['a number that is no address', '10.0.0.1', '203.0.113.7, 3405803783', '10.0.0.1'],
  ['an octal address is none', '10.0.0.1', '203.0.113.7, 010.0.0.9', '10.0.0.1'],
  ['a port that is none', '10.0.0.1', '203.0.113.7:http', '10.0.0.1'],
  ['a quoted address is none', '10.0.0.1', '"203.0.113.7"', '10.0.0.1'],
  ['a broken bracket', '10.0.0.1', '[2001:db8::5', '10.0.0.1'],
  ['tabs around', '10.0.0.1', '\t203.0.113.7\t', '203.0.113.7'],
  ['a mapped address in an entry', '10.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
  ['a mapped address in hexadecimal', '::FFFF:a00:1', '0:0:0:0:0:ffff:cb00:7107', '203.0.113.7'],
  ['a mapped proxy in an entry', '10.0.0.1', '203.0.113.7, ::ffff:10.0.0.2', '203.0.113.7'],
  ['a zone', 'fe80::1%eth0', undefined, 'fe80::1'],
  ['a zone in an entry', '10.0.0.1', 'fe80::2%en1', 'fe80::2'],
  ['a socket that is closed already', '', '203.0.113.7', ''],
  ['only proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['no header', '10.0.0.1', undefined, '10.0.0.1'],
])('finds the address: %s', (_name, peer, header, expected) => {
  expect(findClientAddress(peer, header, trusted)).toBe(expected)
})

test('counts an IPv6 address by its /64', () => {
  expect(addressKey('2001:db8:1:2:3:4:5:6')).toBe(addressKey('2001:db8:1:2::9'))
  expect(addressKey('2001:0db8:0001:0002::9')).toBe(addressKey('2001:db8:1:2::9'))
  expect(addressKey('2001:db8:1:3::9')).not.toBe(addressKey('2001:db8:1:2::9'))
  expect(addressKey('2001:DB8:1:2::192.0.2.1')).toBe(addressKey('2001:db8:1:2::9'))
  expect(addressKey('1:2:3:4:5:6:192.0.2.1')).toBe('1:2:3:4::/64')
  expect(addressKey('1:2:3::192.0.2.1')).toBe('1:2:3:0::/64')
  expect(addressKey('::')).toBe('0:0:0:0::/64')
  expect(addressKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64')
  expect(addressKey('::1')).toBe('0:0:0:0::/64')
  expect(addressKey('203.0.113.7')).toBe('203.0.113.7')
})

test('every way to write an IPv6 address has the key of its first 64 bits', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const [, network] = /^\[([\da-f:]+)\]$/.exec(new URL(`http://[${address}]`).hostname)!
      const mapped = plainAddress(address) !== address
      expect(addressKey(address)).toBe(addressKey(network!))
      if (!mapped) expect(addressKey(address)).toMatch(/^(?:[\da-f]{1,4}:){4}:\/64$/)
    }),
  )
})

test('no header makes the search fail, and what it finds was the peer or was written there', () => {
  const junk = fc.array(
    fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.constantFrom('', ' ', '10.0.0.2', '[::1]:80')),
  )
  fc.assert(
    fc.property(junk, (items) => {
      expect(isIP(findClientAddress('10.0.0.1', items.join(','), trusted))).not.toBe(0)
    }),
  )
})
