import { describe, expect, test } from '@jest/globals'
import { decideSources } from './sources.ts'

describe('decideSources', () => {
  test('takes the server that the environment names, and no other', () => {
    expect(decideSources('redis', { url: 'redis://elsewhere', docker: true })).toEqual(['environment'])
  })

  test('goes from Docker to what is installed to what can be fetched', () => {
    expect(decideSources('redis', { url: undefined, docker: true })).toEqual([
      'docker',
      'program',
      'packages',
    ])
    expect(decideSources('postgres', { url: undefined, docker: true })).toEqual([
      'docker',
      'program',
      'packages',
      'embedded',
    ])
  })

  test('leaves Docker out where no engine answers', () => {
    expect(decideSources('nats', { url: undefined, docker: false })).toEqual(['program', 'packages'])
  })

  test('an empty variable names nothing', () => {
    expect(decideSources('nats', { url: '', docker: false })).toEqual(['program', 'packages'])
  })

  test('stays with the programs that made the data when Docker appears', () => {
    const facts = { url: undefined, docker: true, keptBy: 'packages' }
    expect(decideSources('redis', facts)).toEqual(['program', 'packages', 'docker'])
  })

  test('stays with Docker where the data are in its volumes', () => {
    const facts = { url: undefined, docker: true, keptBy: 'docker' }
    expect(decideSources('redis', facts)).toEqual(['docker', 'program', 'packages'])
  })
})
