// Builds the rpm package, and installs it in a root folder without Node.js, and on a machine with
// systemd. There the tests are steps: each continues with what the one before it has left.

import assert from 'node:assert/strict'
import { cp, mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { cachePath } from '../vm/repository.ts'
import { makeWorkFolder } from '../vm/work-folder.ts'
import { BareRoot } from './bare-root.ts'
import { componentsOf } from './bill-schema.ts'
import { buildPackages, olderVersion, repackage } from './host-packages.ts'
import { agentSocket, killAgents, RootAgent } from './root-agent.ts'
import { SystemMachine } from './system-machine.ts'

let folder: string
/** The folder with the files of the packages. */
let files: string
let current: string
/** A package of the same files with an older version. */
let older: string
let machine: SystemMachine | undefined

const query = (...words: readonly string[]) => runOrThrow('rpm', ['--query', '--package', ...words])
const field = (name: string) => query('--queryformat', `%{${name}}`, current)
const linesOf = (text: string) => text.trim().split('\n')
const run = (...command: readonly string[]) => machine!.run(...command)
const shell = (script: string) => run('sh', '-c', script)
const property = async (name: string) => {
  return (await run('systemctl', 'show', '--value', '-p', name, 'tetragon')).trim()
}

/** Makes a package of files as {@link current} was made. @returns its path */
async function writeRpm(from: string, to: string, version: string): Promise<string> {
  return repackage('rpm', from, to, version, Number(await field('BUILDTIME')))
}

before(async () => {
  folder = await makeWorkFolder(cachePath('machines'), 'rpm')
  files = join(folder, 'files')
  current = (await buildPackages(folder, 'rpm'))[0]!
  older = await writeRpm(files, folder, olderVersion)
})
after(async () => {
  killAgents()
  await machine?.end()
  await rm(folder, { recursive: true, force: true })
})

test('it needs the libraries of C and C++, and nothing else', async () => {
  const names = linesOf(await query('--requires', current)).map((line) => line.split(/[.(]/)[0])
  const libraries = ['libc', 'libdl', 'libgcc_s', 'libm', 'libpthread', 'libstdc++']
  const others = ['/bin/sh', 'ld-linux-x86-64', 'rpmlib', 'rtld']
  assert.deepEqual([...new Set(names)].sort(), [...others, ...libraries].sort())
})

test('its files and checksums are right, and its licences are marked', async () => {
  assert.match(await runOrThrow('rpm', ['--checksig', current]), /: digests OK$/m)
  await runOrThrow('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder })
  const paths = linesOf(await query('--list', current))
  for (const path of [
    '/usr/bin/tetragon',
    '/usr/lib/systemd/system/tetragon.service',
    '/usr/share/man/man8/tetragon.8.gz',
    '/usr/share/zsh/site-functions/_tetra',
    '/etc/tetragon/tetragon.tp.d',
  ]) {
    assert.ok(paths.includes(path), path)
  }
  const licences = linesOf(await query('--licensefiles', current)).map((path) => basename(path))
  assert.deepEqual(licences, ['NOTICES', 'copyright', 'nodejs'])
  // rpmbuild has not changed it.
  const sum = (await runOrThrow('sha256sum', [join(files, 'usr/bin/tetragon')])).split(' ')[0]!
  assert.match(await query('--dump', current), new RegExp(`^/usr/bin/tetragon .* ${sum} `, 'm'))
  assert.ok(componentsOf(current).includes('nodejs'))
})

test('the same files make the same package in another folder', async () => {
  const other = join(folder, 'other')
  await mkdir(other)
  await cp(files, join(other, 'copy'), { recursive: true, verbatimSymlinks: true })
  const again = await writeRpm(join(other, 'copy'), other, await field('VERSION'))
  await runOrThrow('cmp', [current, again])
})

test('in a root folder without Node.js, its agent sees a started program', async () => {
  const root = await BareRoot.withRpm('bookworm', join(folder, 'root'), current)
  const agent = new RootAgent(root, { shm: 'exec', run: 'noexec' })
  await agent.serving()
  await agent.seesPrograms()
  const version = await agent.tetra('version', '--server-address', agentSocket)
  const { stdout } = await agent.try('tetragon', '--version')
  assert.match(version, new RegExp(`: ${stdout.trim().replace('tetragon ', '')}$`, 'm'))
  // The options of the package.
  const rules = await agent.tetra('rules', 'status', '--server-address', agentSocket)
  assert.match(rules, /security-software-removed/)
  await agent.end()
})

const install = async (rpm: string, ...options: readonly string[]) => {
  await run('rpm', '--upgrade', '--nodeps', ...options, join('/root', basename(rpm)))
}

test('an installed package has a unit that presets enable, and that is not started', async () => {
  machine = await SystemMachine.start([older, current])
  await run('rm', '/usr/bin/node')
  await shell(
    'mkdir -p /etc/tetragon/tetragon.conf.d; echo /procHost > /etc/tetragon/tetragon.conf.d/procfs',
  )
  await install(older)
  assert.equal(await property('UnitFileState'), 'enabled')
  assert.equal(await property('ActiveState'), 'inactive')
  assert.equal(await run('rpm', '--verify', '--nodeps', 'tetragon-ts'), '')
  await run('systemctl', 'start', 'tetragon')
  assert.match(await run('tetra', 'status'), /running/)
})

test('an upgrade restarts a running agent, and leaves a stopped one and options alone', async () => {
  const before = await property('MainPID')
  await install(current)
  assert.equal(`${(await run('rpm', '--query', 'tetragon-ts')).trim()}.rpm`, basename(current))
  assert.match(await run('tetra', 'status'), /running/)
  assert.notEqual(await property('MainPID'), before)
  await run('systemctl', 'disable', '--now', 'tetragon')
  await install(current, '--replacepkgs')
  assert.equal(await property('ActiveState'), 'inactive')
  assert.equal(await property('UnitFileState'), 'disabled')
  assert.equal(await shell('cat /etc/tetragon/tetragon.conf.d/procfs'), '/procHost\n')
})

test('an erased package leaves events and options', async () => {
  const option = '/etc/tetragon/tetragon.conf.d/keep-sensors-on-exit'
  await shell(`echo true > ${option} && systemctl enable --now tetragon`)
  const pinned = async () => (await machine!.try(['ls', '/sys/fs/bpf/tetragon'])).stdout
  assert.match(await pinned(), /^active-\d+-\d+\n$/)
  await run('rpm', '--erase', 'tetragon-ts')
  assert.equal(await pinned(), '')
  assert.equal(await property('LoadState'), 'not-found')
  const left = await machine!.try([
    'sh',
    '-c',
    'ls -d /usr/*/tetra* /usr/share/*/tetra* /run/tetragon /var/l*/tetragon /etc/tetragon/*',
  ])
  assert.deepEqual(linesOf(left.stdout).sort(), [
    '/etc/tetragon/tetragon.conf.d',
    '/var/lib/tetragon',
    '/var/log/tetragon',
  ])
  assert.equal(await shell('find /etc/systemd /usr/lib/systemd -name "tetragon*"'), '')
})

test('the machine leaves nothing behind', async () => {
  const ended = machine!
  machine = undefined
  assert.deepEqual(await ended.end(), [])
})
