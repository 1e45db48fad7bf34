import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { projectRoot } from '../launcher/house.ts'

/** A document of a manifest. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: { name: string; [field: string]: unknown }
  [field: string]: unknown
}

/** A compiled schema of the API: answers whether the object fits, and keeps why not. */
interface Schema {
  (value: unknown): boolean
  errors?: { instancePath: string; message?: string; params?: unknown }[] | null
}

const models = join(projectRoot, 'node_modules', 'kubernetes-models')

/**
 * What is wrong with the object by the Kubernetes API's own schema, each as `path: what`. Fields that the API does not have are
 * wrong too: the schemas let them pass, so it is seen which fields a schema reads, and one that was never read is unknown.
 */
export async function validateObject(object: KubernetesObject): Promise<string[]> {
  const schema = await schemaOf(object)
  if (typeof schema === 'string') return [schema]
  const seen = watch(object)
  const fits = schema(seen.proxy)
  const errors = fits ? [] : (schema.errors ?? [])
  return [
    ...errors.map(
      ({ instancePath, message, params }) =>
        `${instancePath}: ${message ?? JSON.stringify(params ?? 'wrong')}`,
    ),
    ...unreadIn(seen, ''),
  ]
}

async function schemaOf({ apiVersion, kind }: KubernetesObject): Promise<Schema | string> {
  if (!/^[\w.-]+(\/v\d+)?$/.test(apiVersion) || !/^\w+$/.test(kind))
    return `no stable API: ${apiVersion} ${kind}`
  const file = join(models, apiVersion, `${kind}.js`)
  const source = existsSync(file) ? readFileSync(file, 'utf8') : ''
  // Objects name their kind; parts of them, which have files too, do not.
  const name = source.includes(`.kind="${kind}"`) ? /_schemas\/(\w+)\.js/.exec(source)?.[1] : undefined
  if (name === undefined) return `Kubernetes has no ${apiVersion} ${kind}`
  const module = (await import(pathToFileURL(join(models, '_schemas', `${name}.js`)).href)) as {
    validate: Schema
  }
  return module.validate
}

interface Seen {
  value: object
  proxy: object
  read: Set<string>
  /** Whether all its keys were asked for: a map, whose keys are anybody's. */
  listed: boolean
  children: Map<string, Seen>
}

function watch(value: object): Seen {
  const read = new Set<string>()
  const children = new Map<string, Seen>()
  const proxy: object = new Proxy(value, {
    get(target, key) {
      const found: unknown = Reflect.get(target, key)
      if (typeof key !== 'string') return found
      read.add(key)
      // What every object inherits is no field of it.
      if (!Object.hasOwn(target, key)) return Array.isArray(target) ? found : undefined
      if (typeof found !== 'object' || found === null) return found
      const child = children.get(key) ?? watch(found)
      children.set(key, child)
      return child.proxy
    },
    ownKeys(target) {
      seen.listed = true
      return Reflect.ownKeys(target)
    },
  })
  const seen: Seen = { value, proxy, read, listed: false, children }
  return seen
}

/** An object that was looked into has no other fields than those asked for; one that was not may hold anything. */
function unreadIn(seen: Seen, path: string): string[] {
  const isClosed = !Array.isArray(seen.value) && !seen.listed && seen.read.size > 0
  return Object.keys(seen.value).flatMap((key) => {
    if (isClosed && !seen.read.has(key)) return [`${path}/${key}: unknown field`]
    const child = seen.children.get(key)
    return child ? unreadIn(child, `${path}/${key}`) : []
  })
}
