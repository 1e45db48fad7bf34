export type Device = { kind: 'browser' | 'program'; name: string } | { kind: 'unknown'; name: '' }

/** In this order: each browser also claims to be those behind it. */
const browsers: [pattern: RegExp, name: string][] = [
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const systems: [pattern: RegExp, name: string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

const firstOf = (known: typeof browsers, text: string) => known.find(([pattern]) => pattern.test(text))?.[1]

/**
 * Pure: what somebody signed in with, in words of our own. Whoever signs in chooses what the header says, so nothing of it
 * but letters gets into a message: no address, no line of text that reads as if it were ours.
 */
export function describeDevice(userAgent: string | undefined): Device {
  const text = userAgent ?? ''
  const browser = firstOf(browsers, text)
  const system = firstOf(systems, text)
  if (browser !== undefined && text.startsWith('Mozilla/'))
    return { kind: 'browser', name: [browser, system].filter(Boolean).join(' · ') }
  const [, program] = /^([A-Za-z][A-Za-z-]{0,19})(\/|$)/.exec(text) ?? []
  return program === undefined ? { kind: 'unknown', name: '' } : { kind: 'program', name: program }
}
