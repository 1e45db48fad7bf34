/**
 * QR codes of ISO/IEC 18004: bytes, error correction M, versions 1 to 10, which is up to 213 bytes. More than an authenticator's
 * address needs, and little enough to keep here.
 */

/** Error correction bytes of each block, and the data bytes of each block, by version. */
const blocksOf: Record<number, [number, number[]]> = {
  1: [10, [16]],
  2: [16, [28]],
  3: [26, [44]],
  4: [18, [32, 32]],
  5: [24, [43, 43]],
  6: [16, [27, 27, 27, 27]],
  7: [18, [31, 31, 31, 31]],
  8: [22, [38, 38, 39, 39]],
  9: [22, [36, 36, 36, 37, 37]],
  10: [26, [43, 43, 43, 43, 44]],
}
const alignmentsOf: Record<number, number[]> = {
  1: [],
  2: [6, 18],
  3: [6, 22],
  4: [6, 26],
  5: [6, 30],
  6: [6, 34],
  7: [6, 22, 38],
  8: [6, 24, 42],
  9: [6, 26, 46],
  10: [6, 28, 50],
}

/** Dark modules are true; rows from the top. Throws a RangeError for a text of more than 213 bytes. */
export function qrCode(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text)
  const version = Object.keys(blocksOf)
    .map(Number)
    .find((candidate) => fits(bytes.length, candidate))
  if (version === undefined) throw new RangeError('The text is too long for a QR code')
  const stream = toStream(bytes, version)
  const candidates = masks.map((_, mask) => draw(version, stream, mask))
  return candidates.toSorted((a, b) => penaltyOf(a) - penaltyOf(b))[0]!
}

const capacityOf = (version: number) => blocksOf[version]![1].reduce((a, b) => a + b, 0)
const lengthBits = (version: number) => (version < 10 ? 8 : 16)
const fits = (length: number, version: number) =>
  4 + lengthBits(version) + 8 * length <= 8 * capacityOf(version)

/** The bytes with mode, length, filling and error correction, in the order in which they are drawn. */
function toStream(bytes: Uint8Array, version: number): number[] {
  const bits = [0, 1, 0, 0, ...bitsOf(bytes.length, lengthBits(version))]
  for (const byte of bytes) bits.push(...bitsOf(byte, 8))
  const capacity = capacityOf(version)
  bits.push(...Array<number>(Math.min(4, capacity * 8 - bits.length)).fill(0))
  while (bits.length % 8 !== 0) bits.push(0)
  const data = Array.from({ length: bits.length / 8 }, (_, index) =>
    bits.slice(index * 8, index * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0),
  )
  for (let filling = 0xec; data.length < capacity; filling ^= 0xec ^ 0x11) data.push(filling)
  return interleave(data, version)
}

const bitsOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => (value >>> (count - 1 - index)) & 1)

function interleave(data: number[], version: number): number[] {
  const [correction, lengths] = blocksOf[version]!
  let start = 0
  const blocks = lengths.map((length) => data.slice(start, (start += length)))
  const columns = (rows: number[][]) =>
    Array.from({ length: Math.max(...rows.map((row) => row.length)) }, (_, column) =>
      rows.flatMap((row) => row.slice(column, column + 1)),
    ).flat()
  return [...columns(blocks), ...columns(blocks.map((block) => remainder(block, correction)))]
}

/** The product in GF(2^8) with the polynomial 0x11d. */
function multiply(x: number, y: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((y >>> bit) & 1) * x
  }
  return product
}

/** Reed-Solomon error correction bytes. */
function remainder(block: number[], degree: number): number[] {
  const divisor = divisorOf(degree)
  const rest = Array<number>(degree).fill(0)
  for (const byte of block) {
    const factor = byte ^ rest.shift()!
    rest.push(0)
    divisor.forEach((coefficient, index) => (rest[index]! ^= multiply(coefficient, factor)))
  }
  return rest
}

function divisorOf(degree: number): number[] {
  const divisor = [...Array<number>(degree - 1).fill(0), 1]
  let root = 1
  for (let turn = 0; turn < degree; turn++) {
    for (let index = 0; index < degree; index++)
      divisor[index] = multiply(divisor[index]!, root) ^ (divisor[index + 1] ?? 0)
    root = multiply(root, 2)
  }
  return divisor
}

const masks: ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

type Cells = (boolean | undefined)[][]

function draw(version: number, stream: number[], mask: number): boolean[][] {
  const size = 17 + 4 * version
  const cells: Cells = Array.from({ length: size }, () => Array<undefined>(size).fill(undefined))
  drawPatterns(cells, version)
  drawFormat(cells, mask)
  if (version >= 7) drawVersion(cells, version)
  const bits = stream.flatMap((byte) => bitsOf(byte, 8))
  for (const [x, y] of pathOf(cells)) cells[y]![x] = (bits.shift() === 1) !== masks[mask]!(x, y)
  return cells as boolean[][]
}

/** Cells that no pattern has taken, two columns at a time from the right, up and down by turns. */
function pathOf(cells: Cells): [number, number][] {
  const size = cells.length
  const path: [number, number][] = []
  for (let right = size - 1, up = true; right >= 1; right -= 2, up = !up) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step
      path.push([right, y], [right - 1, y])
    }
  }
  return path.filter(([x, y]) => cells[y]![x] === undefined)
}

function drawPatterns(cells: Cells, version: number): void {
  const size = cells.length
  for (let index = 0; index < size; index++) cells[6]![index] = cells[index]![6] = index % 2 === 0
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    drawSquare(cells, [x, y], 4, (ring) => ring !== 2 && ring !== 4)
  const places = alignmentsOf[version]!
  const last = places.length - 1
  places.forEach((x, column) =>
    places.forEach((y, row) => {
      const isCorner = (column === 0 && (row === 0 || row === last)) || (column === last && row === 0)
      if (isCorner) return
      drawSquare(cells, [x, y], 2, (ring) => ring !== 1)
    }),
  )
}

/** A square around a centre; `isDark` by the distance from it. */
function drawSquare(
  cells: Cells,
  [x, y]: readonly [number, number],
  radius: number,
  isDark: (ring: number) => boolean,
): void {
  for (let dy = -radius; dy <= radius; dy++)
    for (let dx = -radius; dx <= radius; dx++) {
      const row = cells[y + dy]
      if (row && x + dx >= 0 && x + dx < cells.length)
        row[x + dx] = isDark(Math.max(Math.abs(dx), Math.abs(dy)))
    }
}

/** Error correction M (00) and the mask, with their BCH code, in the two places of the format. */
function drawFormat(cells: Cells, mask: number): void {
  const size = cells.length
  const code = withRemainder(mask, 10, 0x537) ^ 0x5412
  const bit = (index: number) => ((code >>> index) & 1) === 1
  for (let index = 0; index < 15; index++) {
    const near = index < 6 ? index : index < 8 ? index + 1 : 14 - index + Number(index === 8)
    if (index < 8) cells[near]![8] = bit(index)
    else cells[8]![near] = bit(index)
    if (index < 8) cells[8]![size - 1 - index] = bit(index)
    else cells[size - 15 + index]![8] = bit(index)
  }
  cells[size - 8]![8] = true
}

function drawVersion(cells: Cells, version: number): void {
  const size = cells.length
  const code = withRemainder(version, 12, 0x1f25)
  for (let index = 0; index < 18; index++) {
    const [near, far] = [Math.floor(index / 3), size - 11 + (index % 3)]
    cells[near]![far] = cells[far]![near] = ((code >>> index) & 1) === 1
  }
}

/** A value followed by `length` bits of its remainder modulo a generator. */
function withRemainder(value: number, length: number, generator: number): number {
  let rest = value
  for (let turn = 0; turn < length; turn++) rest = (rest << 1) ^ ((rest >>> (length - 1)) * generator)
  return (value << length) | rest
}

/** How hard a picture is to read: long lines, squares, what looks like a corner, and too much of one colour. */
function penaltyOf(cells: boolean[][]): number {
  const size = cells.length
  const rows = cells.map((row) => row.map((dark) => (dark ? '1' : '0')).join(''))
  const columns = cells.map((_, x) => cells.map((row) => (row[x] ? '1' : '0')).join(''))
  let penalty = 0
  for (const line of [...rows, ...columns]) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) penalty += run.length - 2
    penalty += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length
  }
  for (let y = 0; y + 1 < size; y++)
    for (let x = 0; x + 1 < size; x++)
      if (/^(0000|1111)$/.test(rows[y]!.slice(x, x + 2) + rows[y + 1]!.slice(x, x + 2))) penalty += 3
  const dark = rows.join('').replaceAll('0', '').length
  return penalty + 10 * Math.floor(Math.abs((dark * 20) / (size * size) - 10))
}
