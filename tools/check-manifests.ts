import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { projectRoot } from './launcher/house.ts'
import { findRenderer } from './manifests/find-renderer.ts'
import { type KubernetesObject, validateObject } from './manifests/validate-object.ts'

/** A part of `npm run check`: renders every overlay and compares each object with the Kubernetes API's own schema. */
const overlays = join(projectRoot, 'deploy/k8s/overlays')
const render = await findRenderer(join(projectRoot, '.data/packages'))
for (const overlay of readdirSync(overlays)) {
  const objects = parseAllDocuments(await render(join(overlays, overlay))).map(
    (document) => document.toJS() as KubernetesObject,
  )
  if (objects.length === 0) throw new Error(`${overlay} renders to nothing`)
  for (const object of objects) {
    for (const finding of await validateObject(object)) {
      console.log(`${overlay}: ${object.kind}/${object.metadata.name}: ${finding}`)
      process.exitCode = 1
    }
  }
  console.log(`${overlay}: ${objects.length} objects`)
}
