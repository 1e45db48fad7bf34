import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { projectRoot } from './launcher/house.ts'
import { findRenderer } from './manifests/find-renderer.ts'
import { type KubernetesObject, validateObject } from './manifests/validate-object.ts'

/**
 * A part of `npm run check`: renders every overlay, by itself and with every component, and compares each object with the
 * Kubernetes API's own schema.
 */
const k8s = join(projectRoot, 'deploy/k8s')
const data = join(projectRoot, '.data')
const render = await findRenderer(join(data, 'packages'))
const components = readdirSync(join(k8s, 'components')).map((name) => join(k8s, 'components', name))

for (const overlay of readdirSync(join(k8s, 'overlays'))) {
  const folder = join(k8s, 'overlays', overlay)
  const alone = await check(overlay, folder)
  mkdirSync(data, { recursive: true })
  const together = mkdtempSync(join(data, 'manifests-'))
  try {
    const paths = (folders: string[]) => folders.map((one) => relative(together, one))
    const kustomization = {
      namespace: 'common-purse',
      resources: paths([folder]),
      components: paths(components),
    }
    writeFileSync(join(together, 'kustomization.yaml'), stringify(kustomization))
    const all = await check(`${overlay} with components`, together)
    if (all <= alone) throw new Error(`The components add nothing to ${overlay}`)
  } finally {
    rmSync(together, { recursive: true, force: true })
  }
}

/** Answers how many objects there are. */
async function check(name: string, folder: string): Promise<number> {
  const objects = parseAllDocuments(await render(folder)).map(
    (document) => document.toJS() as KubernetesObject,
  )
  if (objects.length === 0) throw new Error(`${name} renders to nothing`)
  for (const object of objects) {
    for (const finding of await validateObject(object)) {
      console.log(`${name}: ${object.kind}/${object.metadata.name}: ${finding}`)
      process.exitCode = 1
    }
  }
  console.log(`${name}: ${objects.length} objects`)
  return objects.length
}
