import { expect, test } from '@jest/globals'
import { readDocument } from '../support/documents.ts'
import { commandsOf, refusedLines, runnableBlocks, scriptOf } from '../support/shell-commands.ts'

const page = (...lines: string[]) => readDocument('x.md', lines.join('\n'))
const block = (...lines: string[]) => page('```sh', ...lines, '```')

test('a block of a shell that asks the system is run, unless it is marked', () => {
  const infos = ['sh', 'bash', 'sh no-run', 'text']
  const all = page(
    ...infos.flatMap((info) => [`\`\`\`${info}`, 'curl -s x', '```']),
    '```sh',
    'ls # curl x',
    '```',
  )
  expect(runnableBlocks(all).map(({ info }) => info)).toEqual(['sh', 'bash'])
})

test('the script has each line where the document has it', () => {
  const document = page(
    '# curl',
    '',
    '```sh',
    'curl http://localhost:8000/a',
    '```',
    '',
    '```bash',
    'npm run call -- GET /b',
    '```',
  )
  expect(scriptOf(document, 'http://h:1').split('\n')).toEqual([
    '',
    '',
    '',
    'curl http://h:1/a',
    '',
    '',
    '',
    'npm run call -- GET /b',
    '',
  ])
})

test.each([
  ['curl x # 201', 201, []],
  ['curl x # refused: 403 permission_denied', 403, ['permission_denied']],
  ['curl x # 401: every refusal says why', 401, []],
  ['curl x # pending_approval, 250.00', undefined, ['250.00']],
  ['curl x # 1,200.00 of 300', 300, []],
  [`curl x -d '{"a":"#"}' # 200`, 200, []],
  [`curl x -d "it's \\" # 500" # 409 email_taken`, 409, ['email_taken']],
  ['curl x#404', undefined, []],
  ['curl x', undefined, []],
])('the comment of %s is what it claims', (line, status, says) => {
  expect(commandsOf(block(line))).toEqual([{ line: 2, lastLine: 2, status, says }])
})

test('a command goes on after a backslash and in a quote', () => {
  const document = block('curl x \\', "  -d '{", "}' # 201", 'ls', 'npm run -s call -- GET /b')
  expect(commandsOf(document).map(({ line, lastLine, status }) => [line, lastLine, status])).toEqual([
    [2, 4, 201],
    [6, 6, undefined],
  ])
})

test.each(['docker compose up', 'kubectl get pods', 'kill -9 1', 'rm -rf x', 'npm run reset', 'a; sudo b'])(
  '%s is not run by a test',
  (line) => {
    expect(refusedLines(block('curl x', line))).toEqual([
      expect.stringMatching(/^x\.md:3: .+ is not run by a test/),
    ])
    expect(refusedLines(block('curl x', `# ${line}`))).toEqual([])
  },
)
