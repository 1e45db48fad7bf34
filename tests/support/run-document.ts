import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDemoFamily } from '../../tools/demo.ts'
import { type Document, root } from './documents.ts'
import { type Command, commandsOf, scriptOf } from './shell-commands.ts'

/**
 * Stands before the commands of a document. Where a line asks the system, the line, the status and the answer are written
 * down; where a command fails, the line. `npm run` is what npm would run, without npm's own second.
 */
const preamble = (node: string) => `
exec 3>>"$RUN_LOG"
note() { printf '%s\\t%s\\t%s\\n' "$1" "$2" "$(base64 -w0 2>/dev/null <"$3" || base64 <"$3" | tr -d '\\n')" >&3; }
curl() {
  local line=\${BASH_LINENO[0]} out head code
  out=$(mktemp -p "$RUN_FOLDER") head=$(mktemp -p "$RUN_FOLDER")
  command curl -D "$head" "$@" >"$out"; code=$?
  note "$line" "$(sed -n 's/^HTTP[^ ]* \\([0-9]*\\).*/\\1/p' "$head" | tail -n 1)" "$out"
  cat "$out"
  return $code
}
npm() {
  local line=\${BASH_LINENO[0]} out said script code
  [ "$1" = run ] || { command npm "$@"; return; }
  shift
  while [ "\${1#-}" != "$1" ]; do shift; done
  script=$(sed -n "s/^ *\\"$1\\": \\"node \\(.*\\)\\",*\$/\\1/p" package.json)
  shift
  [ "\${1-}" != -- ] || shift
  out=$(mktemp -p "$RUN_FOLDER") said=$(mktemp -p "$RUN_FOLDER")
  "${node}" $script "$@" >"$out" 2>"$said"; code=$?
  [ "$script" != tools/call.ts ] || note "$line" "$(sed -n 's/^\\([0-9][0-9][0-9]\\) .*/\\1/p' "$said" | tail -n 1)" "$out"
  cat "$said" >&2
  cat "$out"
  return $code
}
trap 'printf "%s\\tfailed\\t\\n" "$LINENO" >&3' ERR
set -o pipefail
. "$RUN_FOLDER/document.sh"
`

interface Noted {
  line: number
  status: string
  answer: string
}

/** Runs what a document shows as its reader would, and answers what is not as it says, as `file:line: what`. */
export async function runDocument(document: Document, origin: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'purse-document-'))
  try {
    // The reader stands in the project's folder; what the commands write comes here.
    const place = join(folder, 'place')
    const names = (await readdir(root)).filter((name) => !['.git', '.data'].includes(name))
    await mkdtemp(`${place}-`).then((made) => symlink(made, place))
    await Promise.all(names.map((name) => symlink(join(root, name), join(place, name))))
    const { ann } = await createDemoFamily({ url: origin, dataDir: folder })
    await writeFile(join(folder, 'document.sh'), scriptOf(document, origin))
    await writeFile(join(folder, 'run.sh'), preamble(process.execPath))
    const log = join(folder, 'log')
    const output = await run(join(folder, 'run.sh'), place, {
      RUN_LOG: log,
      RUN_FOLDER: folder,
      DATA_DIR: folder,
      PURSE_URL: origin,
      EMAIL: ann.email,
      PASSWORD: ann.password,
    })
    const noted = (await readFile(log, 'utf8').catch(() => ''))
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map(readNote)
    const mistakes = judge(document, noted)
    return mistakes.length > 0 ? [...mistakes, output.slice(-3000)] : []
  } finally {
    await rm(folder, { recursive: true })
  }
}

function run(script: string, cwd: string, env: Record<string, string>): Promise<string> {
  const child = spawn('bash', [script], {
    cwd,
    // Nothing else: a proxy that is meant for the world outside is not for this house.
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 290_000,
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
}

function readNote(note: string): Noted {
  const [line = '', status = '', answer = ''] = note.split('\t')
  return { line: Number(line), status, answer: Buffer.from(answer, 'base64').toString() }
}

function judge(document: Document, noted: Noted[]): string[] {
  const commands = commandsOf(document)
  const commandAt = (line: number) => commands.find((one) => line >= one.line && line <= one.lastLine)
  const answers = noted.filter(({ status }) => status !== 'failed')
  const failed = noted
    .filter(({ line, status }) => status === 'failed' && (commandAt(line)?.status ?? 200) < 400)
    .map(({ line }) => `${document.path}:${line}: the command failed`)
  return [...failed, ...commands.flatMap((command) => judgeCommand(document.path, command, answers))]
}

function judgeCommand(path: string, { line, lastLine, status, says }: Command, answers: Noted[]): string[] {
  const own = answers.filter((one) => one.line >= line && one.line <= lastLine)
  if (own.length === 0) return [`${path}:${line}: the command was not run`]
  return own.flatMap(({ status: got, answer }) => {
    const right = status === undefined ? /^2\d\d$/.test(got) : got === String(status)
    if (!right) return [`${path}:${line}: answered ${got}, not ${status ?? '2xx'}: ${answer.slice(0, 300)}`]
    return says
      .filter((what) => !answer.includes(what))
      .map((what) => `${path}:${line}: the answer has no ${what}`)
  })
}
