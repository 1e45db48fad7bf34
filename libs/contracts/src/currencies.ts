import * as z from 'zod'

/** Active currencies of ISO 4217 (funds codes, metals and test codes left out), by their number of decimal places. */
const byPlaces = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF',
  2:
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC ' +
    'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR ' +
    'JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD ' +
    'NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN ' +
    'SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG',
  3: 'BHD IQD JOD KWD LYD OMR TND',
} as const

const placesOf: ReadonlyMap<string, number> = new Map(
  Object.entries(byPlaces).flatMap(([places, codes]) =>
    codes.split(' ').map((code) => [code, Number(places)] as const),
  ),
)

/** ISO 4217 alphabetic code in capitals. */
export const Currency = z
  .string()
  .refine((code) => placesOf.has(code), {
    message: 'Expected an ISO 4217 currency code in capitals, such as EUR',
    abort: true, // what depends on the currency cannot be checked without one
  })
  .meta({ id: 'Currency', pattern: '^[A-Z]{3}$', examples: ['EUR'] })
export type Currency = z.output<typeof Currency>

/** Decimal places of a currency's minor unit: JPY 0, EUR 2, KWD 3. */
export function decimalPlaces(currency: Currency): number {
  const places = placesOf.get(currency)
  if (places === undefined) throw new RangeError(`${currency} is not a currency`)
  return places
}
