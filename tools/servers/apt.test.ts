import { describe, expect, test } from '@jest/globals'
import { complaintIn, parseSimulation } from './apt.ts'

describe('parseSimulation', () => {
  test('reads new packages and newer versions, and nothing else', () => {
    const text = [
      'The following NEW packages will be installed:',
      '  redis-server redis-tools',
      'Inst libjemalloc2 (5.3.0-1 Debian:12.15/oldstable [amd64])',
      'Inst libpq5 [15.18-0+deb12u1] (15.20-0+deb12u1 Debian-Security:12/oldstable-security [amd64]) []',
      'Inst redis-server (5:7.0.15-1~deb12u10 Debian-Security:12/oldstable-security [amd64])',
      'Conf redis-server (5:7.0.15-1~deb12u10 Debian-Security:12/oldstable-security [amd64])',
    ].join('\n')
    expect(parseSimulation(text)).toEqual([
      { name: 'libjemalloc2', version: '5.3.0-1' },
      { name: 'libpq5', version: '15.20-0+deb12u1' },
      { name: 'redis-server', version: '5:7.0.15-1~deb12u10' },
    ])
  })
})

describe('complaintIn', () => {
  test('finds what apt complains of among what it says', () => {
    expect(complaintIn('Reading package lists...\nE: Unable to locate package redis\n')).toBe(
      'Unable to locate package redis',
    )
    expect(complaintIn('something else\n')).toBe('something else')
  })
})
