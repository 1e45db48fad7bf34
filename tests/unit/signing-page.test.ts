import { createHash, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type InnerList, parseDictionary } from 'structured-headers'
import { signatureBase } from '../../libs/client/src/index.ts'
import { type Problem, problems } from '../../libs/contracts/src/index.ts'
import { readSignature } from '../../libs/kit/src/read-signature.ts'
import { checkDigest, checkSignature, requiredComponents } from '../../libs/kit/src/verify-signature.ts'
import { codeBlock } from '../support/code-blocks.ts'

const page = 'docs/SIGNING.md'
const text = readFileSync(join(import.meta.dirname, '../..', page), 'utf8')
const base = codeBlock(page, 'text base')
const request = readRequest(codeBlock(page, 'http'))
const key = Buffer.from(/Signed with the `secret` `([\w-]+)`/.exec(text)![1]!, 'base64url')

/** A request as it is written in the page: its first line, its headers, an empty line, its body. */
function readRequest(block: string) {
  const [head = '', body = ''] = block.split('\n\n')
  const [first = '', ...lines] = head.split('\n')
  const [method = '', target = ''] = first.split(' ')
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    }),
  )
  return { method, target, body, header: (name: string) => headers.get(name) }
}

describe('the request of docs/SIGNING.md', () => {
  test('has the digest, the base and the signature that the page says', () => {
    expect([...key]).toEqual(Array.from({ length: 32 }, (_, index) => index))
    const digest = createHash('sha256').update(request.body).digest('base64')
    expect(request.header('content-digest')).toBe(`sha-256=:${digest}:`)
    const [input] = parseDictionary(request.header('signature-input')!).values()
    expect(signatureBase(request, input as InnerList)).toBe(base)
    const signature = createHmac('sha256', key).update(base).digest('base64')
    expect(request.header('signature')).toBe(`sig=:${signature}:`)
  })

  test('is as many bytes as the page says', () => {
    expect(text).toContain(`The body is ${Buffer.byteLength(request.body)} bytes`)
    expect(text).toContain(`none at the end: ${Buffer.byteLength(base)} bytes`)
  })

  test('is accepted by what the gateway checks with', () => {
    checkDigest(request, Buffer.from(request.body))
    const check = { key, required: requiredComponents('user', true), explain: true }
    checkSignature(request, readSignature(request), check)
  })
})

test('the refusal of docs/SIGNING.md is what the gateway answers', () => {
  const wrong = base.replace('"@query": ?', '"@query": ')
  const signature = `sig=:${createHmac('sha256', key).update(wrong).digest('base64')}:`
  expect(text).toContain(`\`${signature}\``)
  const message = {
    ...request,
    header: (name: string) => (name === 'signature' ? signature : request.header(name)),
  }
  const check = { key, required: requiredComponents('user', true), explain: true }
  let refusal: Problem | undefined
  try {
    checkSignature(message, readSignature(message), check)
  } catch (error) {
    refusal = error as Problem
  }
  expect(JSON.parse(codeBlock(page, 'json'))).toEqual({
    type: '/problems/signature_invalid',
    title: problems.signature_invalid.title,
    status: problems.signature_invalid.status,
    detail: refusal?.message,
    code: refusal?.code,
    ...refusal?.extras.members,
  })
  const diff = codeBlock(page, 'diff').split('\n')
  expect(diff.filter((line) => !line.startsWith('-')).map((line) => line.slice(1))).toEqual(
    base.split('\n').slice(0, 3),
  )
  expect(diff.filter((line) => !line.startsWith('+')).map((line) => line.slice(1))).toEqual(
    wrong.split('\n').slice(0, 3),
  )
})
