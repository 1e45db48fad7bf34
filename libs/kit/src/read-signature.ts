import {
  idempotencyComponent,
  profileComponents,
  signatureAlgorithm,
  type SignedMessage,
} from '@common-purse/client'
import { Problem } from '@common-purse/contracts'
import { type InnerList, parseDictionary, serializeInnerList } from 'structured-headers'

/** A signature that holds, with what the replay guard needs. `created` is in seconds. */
export interface VerifiedSignature {
  keyId: string
  created: number
  nonce: string
}

export interface Signature extends VerifiedSignature {
  components: string[]
  /** Value of `@signature-params`: what stands in Signature-Input after the label. */
  params: string
  value: Buffer
}

/** What Signature-Input says. */
interface Input {
  label: string
  components: string[]
  parameters: ReadonlyMap<string, unknown>
  params: string
}

const parameterNames = ['created', 'nonce', 'keyid', 'alg']
const optional = new Set<string>([...profileComponents, idempotencyComponent])

export const invalid = (detail: string, members?: Record<string, unknown>) =>
  new Problem('signature_invalid', detail, members ? { members } : {})

/** Reads the one signature of a request by the profile; throws a Problem that says what is wrong with its form. */
export function readSignature(message: SignedMessage): Signature {
  const inputText = headerOf(message, 'signature-input', 'Signature-Input')
  const valueText = headerOf(message, 'signature', 'Signature')
  const input = readUsualInput(inputText) ?? readInput(inputText)
  const [label, value] = readUsualValue(valueText) ?? readValue(valueText)
  if (label !== input.label) throw invalid('Signature and Signature-Input have different labels')
  checkComponents(input.components)
  return { ...readParameters(input.parameters), components: input.components, params: input.params, value }
}

function headerOf(message: SignedMessage, name: string, title: string): string {
  const text = message.header(name)
  if (text === undefined) throw new Problem('signature_missing', `Send ${title}; see docs/SIGNING.md`)
  return text
}

export function readDictionary(text: string, name: string) {
  try {
    return parseDictionary(text)
  } catch (cause) {
    throw new Problem('signature_invalid', `${name} is not a structured field`, { cause })
  }
}

const label = '[a-z*][a-z0-9_.*-]*'
const usualInput = new RegExp(
  `^(${label})=(\\(("[a-z@-]+"(?: "[a-z@-]+")*)\\)((?:;[a-z]+=(?:"[\\w.-]*"|0|[1-9][0-9]{0,14}))+))$`,
)
const usualValue = new RegExp(`^(${label})=:([A-Za-z0-9+/]{43}=):$`)

/** What signers write is read at a glance; anything else is left to the parser, which can say what is wrong with it. */
function readUsualInput(text: string): Input | undefined {
  const found = usualInput.exec(text)
  if (!found) return undefined
  const [, label, params, components, rest] = found as unknown as [string, string, string, string, string]
  const parameters = new Map<string, unknown>()
  for (const parameter of rest.slice(1).split(';')) {
    const [name, value] = parameter.split('=') as [string, string]
    if (parameters.has(name)) return undefined
    parameters.set(name, value.startsWith('"') ? value.slice(1, -1) : Number(value))
  }
  return { label, components: components.slice(1, -1).split('" "'), parameters, params }
}

function readUsualValue(text: string): [label: string, value: Buffer] | undefined {
  const found = usualValue.exec(text)
  return found ? [found[1]!, Buffer.from(found[2]!, 'base64')] : undefined
}

function readInput(text: string): Input {
  const [label, input] = only(readDictionary(text, 'Signature-Input'), 'Signature-Input')
  if (!Array.isArray(input[0])) throw invalid('Signature-Input must hold a list of components')
  const list = input as InnerList
  const components = list[0].map(([name, parameters]) => {
    if (typeof name !== 'string' || parameters.size > 0) throw unknownComponent()
    return name
  })
  const params = serializeInnerList(list)
  // A parameter twice, a second space: what two readers could take for different things is not signed.
  if (text !== `${label}=${params}`)
    throw invalid(`Signature-Input must be written as it is signed: ${label}=${params}`)
  return { label, components, parameters: list[1], params }
}

function readValue(text: string): [label: string, value: Buffer] {
  const [label, value] = only(readDictionary(text, 'Signature'), 'Signature')
  // Of two with one label the parser keeps the last.
  if (!(value[0] instanceof ArrayBuffer) || value[1].size > 0 || text.includes(','))
    throw invalid('Signature must be one byte sequence')
  return [label, Buffer.from(value[0])]
}

function only<Value>(dictionary: Map<string, Value>, name: string): [string, Value] {
  const [first, ...more] = dictionary
  if (first === undefined || more.length > 0) throw invalid(`${name} must hold exactly one signature`)
  return first
}

const unknownComponent = () => invalid(`Only these components can be covered: ${[...optional].join(' ')}`)

function checkComponents(components: string[]): void {
  if (!components.every((name) => optional.has(name))) throw unknownComponent()
  if (new Set(components).size !== components.length) throw invalid('A component is covered twice')
}

function readParameters(parameters: ReadonlyMap<string, unknown>): VerifiedSignature {
  const [created, nonce, keyId, alg] = parameterNames.map((name) => parameters.get(name))
  if (parameters.size !== parameterNames.length)
    throw invalid(`The parameters must be exactly ${parameterNames.join(', ')}`)
  if (typeof created !== 'number' || !Number.isInteger(created))
    throw invalid('created must be whole seconds')
  if (typeof nonce !== 'string' || !/^[\w-]{22,64}$/.test(nonce))
    throw invalid('nonce must be 22 to 64 base64url characters')
  if (typeof keyId !== 'string') throw invalid('keyid must be a string')
  if (alg !== signatureAlgorithm) throw invalid(`alg must be "${signatureAlgorithm}"`)
  return { keyId, created, nonce }
}
