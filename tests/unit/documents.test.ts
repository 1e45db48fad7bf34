import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { anchorsOf, readDocument, readDocuments, root } from '../support/documents.ts'
import { followDocument, type Surroundings } from '../support/follow-document.ts'
import { mermaidMistakes } from '../support/mermaid.ts'

const documents = readDocuments()
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root })
const around: Surroundings = {
  documents: new Map(documents.map((document) => [document.path, document])),
  scripts: new Set(Object.keys(scripts)),
  fileNames: new Set(
    files
      .toString()
      .split('\n')
      .map((path) => basename(path)),
  ),
}

test.each(documents)('what $path names is there', (document) => {
  expect(followDocument(document, around)).toEqual([])
})

describe('what leads nowhere is told by its line:', () => {
  const follow = (...lines: string[]) => followDocument(readDocument('docs/x.md', lines.join('\n')), around)
  test.each([
    ['a link', ['', '[x](nothing.md)'], 'docs/x.md:2: the link nothing.md leads nowhere'],
    ['an anchor', ['[x](SIGNING.md#nothing)'], 'docs/x.md:1: there is no heading for SIGNING.md#nothing'],
    ['an anchor of its own', ['# One', '[x](#two)'], 'docs/x.md:2: there is no heading for #two'],
    ['a path', ['see `libs/{kit,nothing}/src`'], 'docs/x.md:1: there is no libs/{kit,nothing}/src'],
    [
      'a path in a block',
      ['```sh', 'cat docs/nothing.md', '```'],
      'docs/x.md:2: there is no docs/nothing.md',
    ],
    ['a name', ['see `nothing-like-it.ts`'], 'docs/x.md:1: no file of the tree is named nothing-like-it.ts'],
    ['a script', ['`npm run nothing`'], 'docs/x.md:1: package.json has no script nothing'],
    ['an open block', ['a', '```text', 'b'], 'docs/x.md:2: the block is not closed'],
    [
      'a block of no kind',
      ['```', 'b', '```'],
      'docs/x.md:1: the block has no info string (`text` where it is no language)',
    ],
    ['a diagram', ['```mermaid', 'flowchart', 'A --> B[x', '```'], 'docs/x.md:3: Mermaid: "]" is missing'],
  ])('%s', (_what, lines, said) => {
    expect(follow(...lines)).toEqual([said])
  })

  test('JSON', () => {
    expect(follow('```json', '{', '```')).toHaveLength(1)
  })

  test('and nothing is said of what is there', () => {
    expect(
      follow(
        '[a](SIGNING.md#the-profile) [b](../README.md) [c](https://example.org/nothing.md)',
        '`services/*/src/start.ts`',
        '`services/NAME/prisma/migrations`',
        '`npm run -s call`',
        '`docs/adr/…`',
      ),
    ).toEqual([])
  })
})

test('anchors are those that GitHub makes', () => {
  const document = readDocument(
    'x.md',
    '# `a_b` (401)\n## What is it?\n## What is it?\n```text\n# no\n```\n<a id="own"></a>',
  )
  expect([...anchorsOf(document)]).toEqual(['a_b-401', 'what-is-it', 'what-is-it-1', 'own'])
})

describe('Mermaid', () => {
  const mistakes = (text: string) => mermaidMistakes(text.split('\n')).map(([at, what]) => `${at} ${what}`)
  test.each([
    ['flowchart LR\n  a["x (y)"] --> b{z}\n  subgraph one\n    c\n  end\n  a -. says .-> c\n  b -->|yes| c'],
    [
      'sequenceDiagram\n  participant A as Ann\n  A->>B: hello\n  alt one\n    B-->>A: yes\n  else two\n    B--)A: no\n  end',
    ],
    ['stateDiagram-v2\n  [*] --> pending\n  pending --> posted: approve'],
  ])('is read: %j', (text) => {
    expect(mistakes(text)).toEqual([])
  })
  test.each([
    ['flowchat LR\n a', '0 there is no diagram of the type "flowchat"'],
    ['flowchart LR', '0 the diagram is empty'],
    ['flowchart LR\nsubgraph a\nb', '1 the block has no end'],
    ['flowchart LR\na\nend', '2 nothing is open here'],
    ['flowchart LR\na["b]', '1 a quote is not closed'],
    ['flowchart LR\na(b]', '1 "]" closes nothing'],
    ['sequenceDiagram\nA->>B', '1 this is no message (A->>B: text) and no keyword'],
    ['sequenceDiagram\nA->>B: a; b', '1 a semicolon ends the line for Mermaid: write #59; or something else'],
    ['sequenceDiagram\nalt x\nA->>B: y', '1 the block has no end'],
    ['sequenceDiagram\nelse x', '1 "else x" stands in no block'],
    ['stateDiagram-v2\na -> b', '1 this is no state and no transition'],
  ])('is refused: %j', (text, said) => {
    expect(mistakes(text)).toEqual([said])
  })
})
