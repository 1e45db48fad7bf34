import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, tailOf } from '../launcher/run-command.ts'

/** The first release whose kubectl knows what these kustomizations use (kustomize 5). */
const KUSTOMIZE_MAJOR = 5
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** Answers what `kustomize build` makes of a folder. */
export type Renderer = (folder: string) => Promise<string>

/** kubectl or kustomize of this machine; else the kubectl of Debian trixie, unpacked into the folder and installed nowhere. */
export async function findRenderer(packagesDir: string): Promise<Renderer> {
  for (const [command, versionArgs, renderArgs] of [
    ['kubectl', ['version', '--client'], ['kustomize']],
    ['kustomize', ['version'], ['build']],
  ] as const) {
    const { ok, output } = await runCommand(command, versionArgs, { withinMs: 20_000 })
    const [, major] = output.match(/v(\d+)\.\d+\.\d+\S*\s*$/) ?? []
    if (ok && Number(major) >= KUSTOMIZE_MAJOR) return renderWith(command, renderArgs)
  }
  return renderWith(await unpackKubectl(packagesDir), ['kustomize'])
}

const renderWith =
  (command: string, args: readonly string[]): Renderer =>
  async (folder) => {
    const { ok, output, stdout } = await runCommand(command, [...args, folder], { withinMs: 60_000 })
    if (!ok) throw new Error(`${folder} cannot be rendered: ${tailOf(output, 3)}`)
    return stdout
  }

async function unpackKubectl(packagesDir: string): Promise<string> {
  const home = join(packagesDir, 'kubectl')
  const program = join(home, 'usr/bin/kubectl')
  if (existsSync(program)) return program
  if (!existsSync('/etc/debian_version'))
    throw new Error('Neither kubectl (1.32 or newer) nor kustomize (5 or newer) is on this machine')
  console.log('       fetching kubectl from Debian trixie; nothing is installed on the system')
  const apt = join(home, 'apt')
  for (const folder of ['lists/partial', 'cache/archives/partial'])
    mkdirSync(join(apt, folder), { recursive: true })
  writeFileSync(join(apt, 'sources.list'), `deb [signed-by=${KEYRING}] ${await mirror()} trixie main\n`)
  const options = [
    `Dir::Etc::sourcelist=${join(apt, 'sources.list')}`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${join(apt, 'lists')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    `APT::Sandbox::User=${process.getuid?.() === 0 ? 'root' : '_apt'}`,
    'Debug::NoLocking=1',
  ].flatMap((option) => ['-o', option])
  await run('apt-get', [...options, 'update', '-q'], apt)
  await run('apt-get', [...options, 'download', '-q', 'kubectl/trixie'], apt)
  await run('sh', ['-c', `dpkg-deb -x kubectl_*.deb "$1"`, 'sh', home], apt)
  rmSync(apt, { recursive: true, force: true })
  return program
}

/** Where this machine gets its own packages from. */
async function mirror(): Promise<string> {
  const args = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages']
  const { stdout } = await runCommand('apt-get', args)
  return (
    stdout.split('\n').find((uri) => uri !== '' && !uri.includes('security')) ??
    'http://deb.debian.org/debian'
  )
}

async function run(command: string, args: string[], cwd: string): Promise<void> {
  const { ok, output } = await runCommand(command, args, { cwd, withinMs: 300_000 })
  if (!ok) throw new Error(`${command} ${args.at(-1)} failed: ${tailOf(output, 2)}`)
}
