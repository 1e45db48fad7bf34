import { describe, expect, test } from '@jest/globals'
import { csvLine, csvText } from './csv-line.ts'

describe('a line of CSV', () => {
  test('quotes what would end a field, and nothing else', () => {
    expect(csvLine(['a', null, 'b c', 'says "no"', 'x,y', 'two\r\nlines'])).toBe(
      'a,,b c,"says ""no""","x,y","two\r\nlines"\r\n',
    )
  })

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '＝1'])(
    'keeps %j from being a formula',
    (text) => {
      expect(csvText(text)).toBe(`'${text}`)
    },
  )

  test.each(['', 'кофе', "it's 1+1=2", '12-05'])('leaves %j alone', (text) => {
    expect(csvText(text)).toBe(text)
  })
})
