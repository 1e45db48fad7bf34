/**
 * Reads Mermaid as far as that goes without Mermaid: a type of diagram that there is, blocks and brackets that are closed,
 * and lines of sequences that say something. Answers the line, counted from 0, and what is wrong with it.
 */
export function mermaidMistakes(lines: string[]): [number, string][] {
  const first = lines.findIndex((line) => line.trim() !== '' && !line.trim().startsWith('%%'))
  const type = lines[first]?.trim().split(/\s/, 1)[0] ?? ''
  const check = checks[type]
  if (!check) return [[Math.max(first, 0), `there is no diagram of the type "${type}"`]]
  const rest = lines.map((line, index): [number, string] => [index, line.trim()]).slice(first + 1)
  const said = rest.filter(([, line]) => line !== '' && !line.startsWith('%%'))
  if (said.length === 0) return [[first, 'the diagram is empty']]
  return check(said)
}

type Lines = [number, string][]
type Check = (lines: Lines) => [number, string][]

/** Opened by one of these words, closed by `end`; `inner` words stand within. */
const blocks =
  (opening: RegExp, inner: RegExp): Check =>
  (lines) => {
    const open: number[] = []
    const mistakes: [number, string][] = []
    for (const [at, line] of lines) {
      if (opening.test(line)) open.push(at)
      else if (inner.test(line) && open.length === 0) mistakes.push([at, `"${line}" stands in no block`])
      else if (/^end\s*$/.test(line) && open.pop() === undefined) mistakes.push([at, 'nothing is open here'])
    }
    return [...mistakes, ...open.map((at): [number, string] => [at, 'the block has no end'])]
  }

const closers: Record<string, string> = { '(': ')', '[': ']', '{': '}' }

/** Brackets outside of quotes; a quote is closed on its line. */
const brackets: Check = (lines) =>
  lines.flatMap(([at, line]): [number, string][] => {
    if ((line.match(/"/g)?.length ?? 0) % 2 === 1) return [[at, 'a quote is not closed']]
    const open: string[] = []
    for (const character of line.replace(/"[^"]*"/g, '').replace(/-[).]|<?-+[x)>]|\|[^|]*\|/g, '')) {
      if (closers[character]) open.push(closers[character])
      else if (')]}'.includes(character) && open.pop() !== character)
        return [[at, `"${character}" closes nothing`]]
    }
    return open.length > 0 ? [[at, `"${open.at(-1)}" is missing`]] : []
  })

const flowEdge = /(--+|==+|-\.+-?|~~~)(?:[>xo|-]|\s|\|)/
const flowLine: Check = (lines) =>
  lines
    .filter(
      ([, line]) =>
        !/^(subgraph\b|end$|direction\b|classDef\b|class\b|style\b|linkStyle\b|click\b)/.test(line),
    )
    .filter(([, line]) => !/^[\w-]+\s*(?:[[({>]|$|&|:::)/.test(line) && !flowEdge.test(line))
    .map(([at]) => [at, 'this is neither a node nor an edge'])

const keyword =
  /^(participant|actor|create|destroy|box|end|autonumber|activate|deactivate|note|Note|loop|alt|else|opt|par|and|critical|option|break|rect|title|accTitle|accDescr|links?)\b/
const message = /^[\w-]+\s*(?:<<)?-{1,2}(?:>>|>|x|\))[+-]?\s*[\w-]+\s*:\s*\S/
const sequenceLine: Check = (lines) =>
  lines.flatMap(([at, line]): [number, string][] => {
    if (line.includes(';'))
      return [[at, 'a semicolon ends the line for Mermaid: write #59; or something else']]
    return keyword.test(line) || message.test(line)
      ? []
      : [[at, 'this is no message (A->>B: text) and no keyword']]
  })

const transition = /^(state\b|note\b|direction\b|end note$|\}$|--$|(?:\[\*\]|[\w-]+)\s*(?:-->|:|$))/
const stateLine: Check = (lines) =>
  lines.filter(([, line]) => !transition.test(line)).map(([at]) => [at, 'this is no state and no transition'])

const all =
  (...parts: Check[]): Check =>
  (lines) =>
    parts.flatMap((part) => part(lines))
const flow = all(blocks(/^subgraph\b/, /^$/), brackets, flowLine)
const checks: Record<string, Check> = {
  flowchart: flow,
  graph: flow,
  sequenceDiagram: all(
    blocks(/^(loop|alt|opt|par|critical|break|rect|box)\b/, /^(else|and|option)\b/),
    sequenceLine,
  ),
  'stateDiagram-v2': stateLine,
  erDiagram: () => [],
  classDiagram: () => [],
  timeline: () => [],
}
