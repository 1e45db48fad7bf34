import { qrCode } from './qr-code.ts'

/** What the standard asks to leave free around it. */
const QUIET = 4

/** Dark on light whatever the colours of the page: not every reader takes the reverse. */
export function QrPicture({ text, title }: { text: string; title: string }) {
  const cells = qrCode(text)
  const size = cells.length + 2 * QUIET
  const path = cells.flatMap((row, y) =>
    row.map((dark, x) => (dark ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')),
  )
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={title}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path.join('')} fill="#000" />
    </svg>
  )
}
