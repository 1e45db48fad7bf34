import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'

interface Alert {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string; runbook_url: string }
}

const root = join(import.meta.dirname, '../..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const { groups } = parse(textOf('deploy/prometheus/alerts.yml')) as { groups: { rules: Alert[] }[] }
const alerts = groups.flatMap(({ rules }) => rules)
const names = alerts.map(({ alert }) => alert).toSorted()

/** Address of a heading, as pages on GitHub make it. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(' ', '-')

test('each alert says how bad it is, what people feel, and where to read on', () => {
  expect(names.length).toBeGreaterThan(20)
  expect(new Set(names).size).toBe(names.length)
  for (const { alert, labels, annotations } of alerts) {
    expect(['page', 'ticket']).toContain(labels.severity)
    expect(annotations.summary.length).toBeGreaterThan(20)
    expect(annotations.runbook_url).toBe(`docs/RUNBOOK.md#${anchorOf(alert)}`)
  }
})

test('each alert has its paragraph in the runbook, and no other is there', () => {
  const [, section = ''] = /\n## Alerts\n(.*?)\n## /s.exec(textOf('docs/RUNBOOK.md')) ?? []
  const paragraphs = section.split(/^### /m).slice(1)
  expect(paragraphs.map((text) => text.split('\n')[0]).toSorted()).toEqual(names)
  for (const text of paragraphs) expect(text.split('\n').slice(1).join('').length).toBeGreaterThan(80)
})

test('every place in the runbook that the runbook names is there', () => {
  const text = textOf('docs/RUNBOOK.md')
  const places = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!)))
  const named = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, place]) => place!)
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((place) => !places.has(place))).toEqual([])
})

test('each alert is seen to fire by a test of its own', () => {
  const folder = 'deploy/prometheus/tests'
  const tests = readdirSync(join(root, folder)).map((file) => textOf(`${folder}/${file}`))
  const fired = tests.flatMap((text) =>
    [...text.matchAll(/alertname(?:="|: )(\w+)"?.*(?:value|\n\s+eval_time)/g)].map(([, name]) => name!),
  )
  expect(names.filter((name) => !fired.includes(name))).toEqual([])
})
