/**
 * The OpenAPI document as this page needs it, in the order in which one tries it. The sign-in form stands for the security
 * schemes; an Idempotency-Key may be left empty, for the page makes one; and where there is a format the pattern is dropped,
 * from which samples would be made up that nobody can read.
 */
export function fitDocument(document) {
  const { servers: _, ...fitted } = fit(document)
  delete fitted.components.securitySchemes
  return { ...fitted, tags: inOrderOfUse(fitted) }
}

/** The tags as the paths first name them: signing in before what needs it. */
function inOrderOfUse({ tags, paths }) {
  const used = Object.values(paths).flatMap((path) =>
    Object.values(path).flatMap((operation) => operation.tags),
  )
  return tags.toSorted((one, other) => used.indexOf(one.name) - used.indexOf(other.name))
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
