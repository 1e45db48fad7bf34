import { chunked } from '../../support/raw-http.ts'
import { type Signed, write } from './attacked-house.ts'

const length = (text: string) => Buffer.byteLength(text)
const lengthOf = ({ body }: Signed) => length(body)
/** The header of a body in chunks. */
export const chunks = 'transfer-encoding: chunked'

/** Each makes the bytes of the outer request; `inner` is a second request, which nobody must ever read as one. */
type Attack = [name: string, make: (outer: Signed, inner: string) => string]

const twoWays: Attack[] = [
  [
    'CL.TE: the length goes further than the chunks',
    (outer, inner) => {
      const payload = `0\r\n\r\n${inner}`
      return write(outer, { framing: [`content-length: ${length(payload)}`, chunks], payload })
    },
  ],
  [
    'TE.CL: the chunks go further than the length',
    (outer, inner) =>
      write(outer, { framing: [chunks, 'content-length: 4'], payload: chunked(`${outer.body}${inner}`) }),
  ],
  [
    'CL.0: a length of nothing, and chunks',
    (outer, inner) => write(outer, { framing: ['content-length: 0', chunks], payload: chunked(inner) }),
  ],
  [
    'two equal lengths',
    (outer, inner) => {
      const line = `content-length: ${lengthOf(outer)}`
      return write(outer, { framing: [line, line], payload: outer.body + inner })
    },
  ],
  [
    'two lengths, the short one first',
    (outer, inner) =>
      write(outer, {
        framing: ['content-length: 0', `content-length: ${lengthOf(outer)}`],
        payload: inner,
      }),
  ],
  [
    'two lengths, the long one first',
    (outer, inner) =>
      write(outer, { framing: [`content-length: ${lengthOf(outer)}`, 'content-length: 0'], payload: inner }),
  ],
  [
    'TE.TE: chunked twice',
    (outer, inner) => write(outer, { framing: [chunks, chunks], payload: chunked(outer.body) + inner }),
  ],
  [
    'TE.TE: chunked and another coding',
    (outer, inner) =>
      write(outer, { framing: [chunks, 'transfer-encoding: cow'], payload: chunked(outer.body) + inner }),
  ],
]

const codings = [
  'transfer-encoding: xchunked',
  'transfer-encoding: chunked, identity',
  'transfer-encoding: identity, chunked',
  'transfer-encoding: identity',
  'transfer-encoding: gzip, chunked',
  'transfer-encoding: chunked, chunked',
  'transfer-encoding: chunked;q=1',
  'transfer-encoding: "chunked"',
  'transfer-encoding:',
  'transfer-encoding: ,chunked',
  'transfer-encoding: chunked\u0000',
  'transfer-encoding: \u000bchunked',
  'transfer-encoding : chunked',
  ' transfer-encoding: chunked',
  'transfer-encoding\n: chunked',
  'transfer-encoding:\r\n chunked',
  'x-a: b\ntransfer-encoding: chunked',
  'x-a: b\rtransfer-encoding: chunked',
]
const hidden: Attack[] = codings.map((line) => [
  `a coding written as ${JSON.stringify(line)}`,
  (outer, inner) => write(outer, { framing: [line], payload: chunked(outer.body) + inner }),
])

const lengths = [
  '+5',
  '-5',
  '-0',
  '5, 5',
  '5,',
  '5 5',
  '5;',
  '0x5',
  '5e0',
  '5.0',
  '٥',
  '',
  ' ',
  '"5"',
  'five',
  '99999999999999999999999',
  '18446744073709551621',
  '9007199254740993',
  '1000000000000000',
]
const odd: Attack[] = lengths.map((value) => [
  `a length written as ${JSON.stringify(value)}`,
  (outer, inner) => write(outer, { framing: [`content-length: ${value}`], payload: outer.body + inner }),
])

const sizes: [string, (size: string, body: string) => string][] = [
  ['a size with a sign', (size, body) => `+${size}\r\n${body}\r\n0\r\n\r\n`],
  ['a size below nothing', (size, body) => `-${size}\r\n${body}\r\n0\r\n\r\n`],
  ['a size with 0x before it', (size, body) => `0x${size}\r\n${body}\r\n0\r\n\r\n`],
  ['a space before the size', (size, body) => ` ${size}\r\n${body}\r\n0\r\n\r\n`],
  ['a size of no digits', (_size, body) => `\r\n${body}\r\n0\r\n\r\n`],
  ['letters behind the size', (size, body) => `${size}g\r\n${body}\r\n0\r\n\r\n`],
  ['a size that is a bit more than 2^64', (size, body) => `1000000000000000${size}\r\n${body}\r\n0\r\n\r\n`],
  ['a NUL in the size', (size, body) => `${size}\0\r\n${body}\r\n0\r\n\r\n`],
  ['a bare line feed behind the size', (size, body) => `${size}\n${body}\r\n0\r\n\r\n`],
  ['a bare return behind the size', (size, body) => `${size}\r${body}\r\n0\r\n\r\n`],
  ['a line feed in an extension', (size, body) => `${size};a\nb\r\n${body}\r\n0\r\n\r\n`],
  ['nothing behind the chunk', (size, body) => `${size}\r\n${body}0\r\n\r\n`],
  ['a bare line feed behind the chunk', (size, body) => `${size}\r\n${body}\n0\r\n\r\n`],
  ['a chunk that is longer than its size', (size, body) => `${size}\r\n${body}xx\r\n0\r\n\r\n`],
  ['a last chunk of bare line feeds', (size, body) => `${size}\r\n${body}\r\n0\n\n`],
  ['an extension of 20 kB', (size, body) => `${size};${'a'.repeat(20_000)}\r\n${body}\r\n0\r\n\r\n`],
  ['trailers of 20 kB', (size, body) => `${size}\r\n${body}\r\n0\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`],
]
const wrongChunks: Attack[] = sizes.map(([name, make]) => [
  name,
  (outer, inner) =>
    write(outer, {
      framing: [chunks],
      payload: make(lengthOf(outer).toString(16), outer.body) + inner,
    }),
])

const lines: Attack[] = [
  ['bare line feeds', (outer, inner) => write(outer).replaceAll('\r\n', '\n') + inner],
  ['bare returns', (outer, inner) => write(outer).replaceAll('\r\n', '\r') + inner],
  ['a bare line feed before the body', (outer, inner) => write(outer).replace('\r\n\r\n', '\n\n') + inner],
  ['a space before the first header', (outer, inner) => write(outer).replace('\r\n', '\r\n ') + inner],
  ['a header without a colon', (outer, inner) => write(outer, { more: ['nonsense'] }) + inner],
  ['a header without a name', (outer, inner) => write(outer, { more: [': value'] }) + inner],
  ['a NUL in a value', (outer, inner) => write(outer, { more: ['x-a: b\0c'] }) + inner],
  ['a NUL in a name', (outer, inner) => write(outer, { more: ['x\0a: b'] }) + inner],
  ['a control character in a value', (outer, inner) => write(outer, { more: ['x-a: b\u0001c'] }) + inner],
  ['a DEL in a value', (outer, inner) => write(outer, { more: ['x-a: b\u007fc'] }) + inner],
  ['a bare return in a value', (outer, inner) => write(outer, { more: ['x-a: b\rc'] }) + inner],
  ['a folded header', (outer, inner) => write(outer, { more: ['x-a: b', ' c'] }) + inner],
  ['a header folded by a tab', (outer, inner) => write(outer, { more: ['x-a: b', '\tc'] }) + inner],
  ...['x a', 'x(a)', 'x/a', 'x@a', 'x[a', '"x"', 'x,a', 'x=a', 'é', 'x\ta'].map((name): Attack => [
    `a header called ${JSON.stringify(name)}`,
    (outer, inner) => write(outer, { more: [`${name}: b`] }) + inner,
  ]),
]

const starts: Attack[] = [
  ['HTTP/0.9', ({ target }, inner) => `GET ${target}\r\n${inner}`],
  [
    'HTTP/0.9 with a version',
    (outer, inner) => write(outer, { line: `POST ${outer.target} HTTP/0.9` }) + inner,
  ],
  ['HTTP/2 in plain text', (_, inner) => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${inner}`],
  ['version 2.0', (outer, inner) => write(outer, { line: `POST ${outer.target} HTTP/2.0` }) + inner],
  ['version 1.2', (outer, inner) => write(outer, { line: `POST ${outer.target} HTTP/1.2` }) + inner],
  ['version 1.10', (outer, inner) => write(outer, { line: `POST ${outer.target} HTTP/1.10` }) + inner],
  ['version 01.1', (outer, inner) => write(outer, { line: `POST ${outer.target} HTTP/01.1` }) + inner],
  [
    'http in small letters',
    (outer, inner) => write(outer, { line: `POST ${outer.target} http/1.1` }) + inner,
  ],
  ['another protocol', (outer, inner) => write(outer, { line: `POST ${outer.target} ICE/1.0` }) + inner],
  [
    'words behind the version',
    (outer, inner) => write(outer, { line: `POST ${outer.target} HTTP/1.1 x` }) + inner,
  ],
  ['tabs for spaces', (outer, inner) => write(outer, { line: `POST\t${outer.target}\tHTTP/1.1` }) + inner],
  ['no target', (outer, inner) => write(outer, { line: 'POST HTTP/1.1' }) + inner],
  [
    'a method in small letters',
    (outer, inner) => write(outer, { line: `post ${outer.target} HTTP/1.1` }) + inner,
  ],
  ['a method nobody has', (outer, inner) => write(outer, { line: `FROB ${outer.target} HTTP/1.1` }) + inner],
  ['a method of 20 kB', (outer, inner) => write(outer, { line: `${'X'.repeat(20_000)} / HTTP/1.1` }) + inner],
  ['a NUL before the method', (outer, inner) => `\0${write(outer)}${inner}`],
  ['a space before the method', (outer, inner) => ` ${write(outer)}${inner}`],
  [
    'the beginning of TLS',
    (_, inner) => `\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003${inner}`,
  ],
]

/** By what is wrong with them. */
export const framingAttacks: [kind: string, Attack[]][] = [
  ['where the body ends is said twice', twoWays],
  ['where the body ends is hidden', hidden],
  ['a length that is none', odd],
  ['chunks that are none', wrongChunks],
  ['lines that are none', lines],
  ['beginnings that are none', starts],
]
