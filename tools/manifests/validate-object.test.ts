import { describe, expect, test } from '@jest/globals'
import { type KubernetesObject, validateObject } from './validate-object.ts'

const service = (spec: unknown, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'ledger', labels: { 'anything/at-all': 'x' } },
  spec,
  ...more,
})

describe('an object', () => {
  test('that the API takes has no finding', async () => {
    expect(
      await validateObject(service({ selector: { a: 'b' }, ports: [{ port: 80, targetPort: 'http' }] })),
    ).toEqual([])
  })

  test.each([
    [
      'a field that is not there',
      service({ ports: [{ port: 80, targetprot: 1 }] }),
      '/spec/ports/0/targetprot: unknown field',
    ],
    ['a field beside the others', service({}, { specs: {} }), '/specs: unknown field'],
    [
      'a name that every object inherits',
      service({ ports: [{ port: 80, constructor: 1 }] }),
      '/spec/ports/0/constructor: unknown field',
    ],
    ['a number that is none', service({ ports: [{ port: 'many' }] }), '/spec/ports/0/port'],
    ['something missing', service({ ports: [{ name: 'http' }] }), '/spec/ports/0'],
    ['a kind that is not there', { ...service({}), kind: 'Servant' }, 'Kubernetes has no v1 Servant'],
    [
      'a part in place of an object',
      { ...service({}), kind: 'ServiceSpec' },
      'Kubernetes has no v1 ServiceSpec',
    ],
    [
      'an API that is not stable',
      { ...service({}), apiVersion: 'apps/v1beta1' },
      'no stable API: apps/v1beta1 Service',
    ],
  ])('with %s is refused', async (_, object, finding) => {
    expect((await validateObject(object)).join('\n')).toContain(finding)
  })
})
