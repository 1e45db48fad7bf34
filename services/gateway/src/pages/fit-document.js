/**
 * The OpenAPI document as this page needs it. The sign-in form stands for the security schemes; an Idempotency-Key may be
 * left empty, for the page makes one; and where there is a format the pattern is dropped, from which samples would be made
 * up that nobody can read.
 */
export function fitDocument(document) {
  const { servers: _, ...fitted } = fit(document)
  delete fitted.components.securitySchemes
  return fitted
}

function fit(part) {
  if (Array.isArray(part)) return part.map(fit)
  if (typeof part !== 'object' || part === null) return part
  const kept = Object.entries(part).filter(([name, value]) => !isDropped(part, name, value))
  const fitted = Object.fromEntries(kept.map(([name, value]) => [name, fit(value)]))
  if (fitted.in !== 'header' || fitted.name !== 'Idempotency-Key') return fitted
  return { ...fitted, required: false, description: `${fitted.description}. Left empty, this page makes one` }
}

const isDropped = (part, name, value) =>
  (name === 'security' && Array.isArray(value)) || (name === 'pattern' && typeof part.format === 'string')
