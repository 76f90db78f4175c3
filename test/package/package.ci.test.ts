// The tests are steps: each continues with what the one before it has left of the package.

import assert from 'node:assert/strict'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { cachePath } from '../vm/repository.ts'
import { makeWorkFolder } from '../vm/work-folder.ts'
import { componentsOf } from './bill-schema.ts'
import { buildPackages, olderVersion, repackage } from './host-packages.ts'
import { SystemMachine } from './system-machine.ts'

let machine: SystemMachine | undefined
/** Options of the machine. Its process ids are its own, while events have those of the kernel. */
const options = { procfs: '/procHost', 'metrics-server': ':2112', 'health-server-address': ':6789' }
/** The policy that no connection to this port of the machine may pass. */
const protectedPort = 4711
const enforcing = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: protects}
spec:
  options: [{name: override-method, value: cgroup}]
  kprobes:
  - call: security_socket_connect
    syscall: false
    args: [{index: 1, type: sockaddr}]
    selectors:
    - matchArgs: [{index: 1, operator: SPort, values: ["${protectedPort}"]}]
      matchActions: [{action: NoPost}, {action: Override, argError: -1}]
`
/** Connects each millisecond, until it is stopped. Writes how many attempts were refused. */
const attack = `
import errno, json, signal, socket, sys, time
results = {'refused': 0, 'passed': 0}
def end(*_):
    json.dump(results, open('/root/attack.json', 'w'))
    sys.exit()
signal.signal(signal.SIGTERM, end)
while True:
    try:
        socket.create_connection(('127.0.0.1', ${protectedPort})).close()
        results['passed'] += 1
    except OSError as error:
        results['refused' if error.errno == errno.EPERM else 'passed'] += 1
    time.sleep(0.001)
`
const run = (...command: readonly string[]) => machine!.run(...command)
const shell = (script: string) => run('sh', '-c', script)

/** Files of this machine: Debian package, tarball and tetra. */
let artefacts: readonly string[]
/** The Debian package, and one of an older version. */
let current: string
let older: string
let folder: string

before(async () => {
  folder = await makeWorkFolder(cachePath('machines'), 'package')
  artefacts = await buildPackages(folder, 'deb', 'tar', 'tetra')
  const before = await repackage('deb', join(folder, 'files'), folder, olderVersion, 0)
  ;[older, current] = [join('/root', basename(before)), join('/root', basename(artefacts[0]!))]
  machine = await SystemMachine.start([before, ...artefacts])
})
after(async () => {
  await machine?.end()
  await rm(folder, { recursive: true, force: true })
})

/** Waits until a command succeeds. */
async function until(what: string, script: string): Promise<string> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const { exitCode, stdout } = await machine!.try(['sh', '-c', script])
    if (exitCode === 0) return stdout
    await delay(200)
  }
  const log = await shell('journalctl --unit tetragon --no-pager | tail -20')
  throw new Error(`timeout: ${what}\n${log}`)
}

/** The agent's features of the kernel. */
const features = () => run('tetra', 'probe', '-o', 'json')
const processOf = (unit: string) => run('systemctl', 'show', '--value', '-p', 'MainPID', unit)

async function writeOptions(): Promise<void> {
  for (const [name, value] of Object.entries(options)) {
    const folder = '/etc/tetragon/tetragon.conf.d'
    await shell(`mkdir -p ${folder} && echo ${value} > ${folder}/${name}`)
  }
}

test('tetra is a single file, with the licences of what it contains', async () => {
  assert.match(await shell('node /root/tetra-*.cjs version'), /^CLI version: \d/)
  assert.match(await shell('tail -n 2000 /root/tetra-*.cjs'), /^yaml \S+ \(ISC\)$/m)
  // The packages do not need it.
  await run('rm', '/usr/bin/node')
})

test('an installed package has a running agent', async () => {
  await writeOptions()
  await run('dpkg', '--install', older)
  // `dpkg` returns when the unit is active: then clients can connect.
  assert.match(await run('tetra', 'status'), /running/)
  assert.equal((await run('systemctl', 'is-enabled', 'tetragon')).trim(), 'enabled')
  const status = await run('systemctl', 'show', '--value', '-p', 'StatusText', 'tetragon')
  assert.equal(status.trim(), 'Watching processes')
  await until('an exported event', 'true; grep -q /usr/bin/true /var/log/tetragon/tetragon.log')
})

test('the protected agent has all features of the kernel, and hooks work', async () => {
  const protectedFeatures = await features()
  await run(
    'tetra',
    'tracingpolicy',
    'add',
    '/usr/share/tetragon/policies/tests/tracepoint-execve.yaml',
  )
  await until(
    'an event of the hook',
    'true; grep -q process_tracepoint /var/log/tetragon/tetragon.log',
  )
  await run('systemctl', 'stop', 'tetragon')
  // The same program, without any protection.
  await run('systemd-run', '--unit=plain', '--property=Type=notify', '/usr/bin/tetragon')
  assert.equal(protectedFeatures, await features())
  await run('systemctl', 'stop', 'plain')
  await run('systemctl', 'start', 'tetragon')
})

test('the unit is well protected', async () => {
  await run('systemd-analyze', 'verify', 'tetragon.service')
  // In tenths: 0 to 100. Without any protection it is 96.
  await run('systemd-analyze', 'security', '--threshold=45', 'tetragon.service')
  const own = ['nsenter', '--mount', '--target', (await processOf('tetragon')).trim()]
  const write = (file: string) => machine!.try([...own, 'sh', '-c', `echo 1 >> ${file}`])
  for (const file of ['/proc/sys/kernel/panic', '/sys/kernel/profiling', '/usr/bin/tetra-new']) {
    assert.match((await write(file)).stderr, /Read-only file system/, file)
  }
  // Names of kernel functions, and the folder of pins.
  assert.match(await run(...own, 'head', '-n', '1', '/proc/kallsyms'), /^[0-9a-f]+ /)
  await run(...own, 'ls', '/sys/fs/bpf/tetragon')
})

test('systemd reloads policies and restarts a killed agent', async () => {
  const first = await processOf('tetragon')
  const policy = '/usr/share/tetragon/policies/tests/tracepoint-execve.yaml'
  await shell(`cp ${policy} /etc/tetragon/tetragon.tp.d/ && systemctl reload tetragon`)
  await until('the policy', 'tetra tracingpolicy list | grep -q enabled')
  assert.equal(await processOf('tetragon'), first)
  await run('systemctl', 'kill', '--signal=KILL', 'tetragon')
  await until(
    'the next agent',
    `test "$(systemctl show --value -p MainPID tetragon)" -gt 0 && tetra status`,
  )
  assert.notEqual(await processOf('tetragon'), first)
})

test('a policy file that cannot be loaded keeps the agent from nothing else', async () => {
  const file = '/etc/tetragon/tetragon.tp.d/broken.yaml'
  await shell(`echo 'kind: [' > ${file} && systemctl restart tetragon`)
  assert.match(await run('tetra', 'tracingpolicy', 'list'), /broken\.yaml.*load_error/)
  const statusText = () => run('systemctl', 'show', '--value', '-p', 'StatusText', 'tetragon')
  assert.match(await statusText(), /^Watching processes; policies not in force: broken\.yaml$/m)
  await shell(`rm ${file} && systemctl reload tetragon`)
  await until('its status', 'systemctl show -p StatusText tetragon | grep -q "processes$"')
})

test('a second agent is refused with the reason', async () => {
  // Files that each of the others would otherwise share with the first one.
  const other = ['--pid-file=/tmp/other/pid', '--export-filename=/dev/null']
  const socket = '--server-address=unix:///run/tetragon/tetragon.sock'
  const refusals: readonly (readonly [options: readonly string[], reason: RegExp])[] = [
    [[], /another agent is running with pid \d+ .*stop it first \[AGENT_RUNNING\]/],
    [[...other, socket], /tetragon\.sock: another program listens on it \[AGENT_SERVER\]/],
    [[...other, '--health-server-address='], /:2112: .*EADDRINUSE.* \[AGENT_SERVER\]/],
    [[...other, '--metrics-server='], /:6789: .*EADDRINUSE.* \[AGENT_SERVER\]/],
  ]
  for (const [words, reason] of refusals) {
    const { exitCode, stderr } = await machine!.try(['tetragon', ...words])
    assert.match(stderr, reason)
    assert.equal(exitCode, 1)
  }
})

test('an upgrade replaces the agent and keeps policies in force', async () => {
  const policy = '/etc/tetragon/tetragon.tp.d/protects.yaml'
  await shell(`cat > ${policy} << 'END'\n${enforcing}END\nsystemctl reload tetragon`)
  await until('the policy', 'tetra tracingpolicy list | grep -q "protects.*enabled"')
  await shell(`cat > /root/attack.py << 'END'\n${attack}END`)
  await run('systemd-run', '--unit=attack', 'python3', '/root/attack.py')
  const killed = await processOf('tetragon')
  await run('systemctl', 'kill', '--signal=KILL', 'tetragon')
  await until(
    'the next agent',
    `test "$(systemctl show --value -p MainPID tetragon)" -ne ${killed.trim()} && tetra status`,
  )
  const before = await processOf('tetragon')
  // Unlike dpkg, apt compares versions: what it takes for the same one is not installed.
  await run('apt-get', 'install', '--yes', current)
  const version = await run('dpkg-deb', '--field', current, 'Version')
  const status = await run('dpkg', '--status', 'tetragon-ts')
  assert.ok(status.includes(`\nVersion: ${version}`), status)
  assert.match(await run('tetra', 'tracingpolicy', 'list'), /enabled/)
  assert.notEqual(await processOf('tetragon'), before)
  await run('systemctl', 'stop', 'attack')
  const results = JSON.parse(await run('cat', '/root/attack.json')) as Record<string, number>
  assert.equal(results.passed, 0, JSON.stringify(results))
  assert.ok(results.refused! > 100)
})

test('policies end with an agent that is stopped', async () => {
  const connect = `exec 3<> /dev/tcp/127.0.0.1/${protectedPort}`
  // As a service: what enters a machine from outside is in none of its control groups.
  const service = ['systemd-run', '--quiet', '--wait', '--pipe', 'bash', '-c', connect]
  const attempt = async () => (await machine!.try(service)).stderr
  assert.match(await attempt(), /not permitted/)
  await run('systemctl', 'stop', 'tetragon')
  assert.match(await attempt(), /Connection refused/)
  assert.equal(await shell('ls /sys/fs/bpf/tetragon'), '')
})

test('the package names its size, its changes and the licences of what it contains', async () => {
  const size = Number(await run('dpkg-deb', '--field', current, 'Installed-Size'))
  const bytes = Number(await run('stat', '--format=%s', '/usr/bin/tetragon'))
  assert.ok(size > bytes / 1024, `${size} KiB, of which /usr/bin/tetragon has ${bytes} bytes`)
  const documents = '/usr/share/doc/tetragon-ts'
  assert.match(await run('cat', `${documents}/copyright`), /Apache License/)
  assert.match(await run('cat', `${documents}/NOTICES`), /^koffi \S+ \(MIT\)$/m)
  assert.match(await run('cat', `${documents}/nodejs`), /^Node\.js is licensed/m)
  assert.match(await shell(`zcat ${documents}/changelog.gz`), /^# /m)
})

test('bills of materials name what the files contain', async () => {
  const [debian, tarball, tetra] = artefacts.map((file) => componentsOf(file))
  assert.deepEqual(debian, tarball)
  for (const name of ['nodejs', 'koffi', 'yaml', 'protobufjs', 'preact']) {
    assert.ok(debian!.includes(name), name)
  }
  assert.ok(tetra!.includes('yaml') && !tetra!.includes('koffi') && !tetra!.includes('nodejs'))
  await runOrThrow('sha256sum', ['--check', 'SHA256SUMS'], { cwd: folder })
})

test('shells complete commands, and manual pages are there', async () => {
  const complete = '. /usr/share/bash-completion/completions/tetra && complete -p tetra'
  assert.match(await run('bash', '-c', complete), /tetra$/m)
  assert.match(await run('man', 'tetra-getevents'), /--event-types/)
  assert.match(await run('man', '8', 'tetragon'), /--export-filename/)
})

test('a removed package leaves events and options, a purged one nothing', async () => {
  const option = '/etc/tetragon/tetragon.conf.d/keep-sensors-on-exit'
  await shell(`echo true > ${option} && systemctl restart tetragon && systemctl stop tetragon`)
  assert.match(await shell('ls /sys/fs/bpf/tetragon'), /^active-\d+-\d+\n$/)
  await run('dpkg', '--remove', 'tetragon-ts')
  assert.notEqual((await machine!.try(['ls', '/sys/fs/bpf/tetragon'])).exitCode, 0)
  assert.equal((await machine!.try(['systemctl', 'is-active', 'tetragon'])).exitCode !== 0, true)
  const left =
    'ls -d /usr/lib/tetragon /usr/bin/tetra* /run/tetragon /var/log/tetragon /var/lib/tetragon /etc/tetragon'
  const folders = async () => (await machine!.try(['sh', '-c', left])).stdout.split('\n').sort()
  assert.deepEqual(await folders(), ['', '/etc/tetragon', '/var/lib/tetragon', '/var/log/tetragon'])
  await run('dpkg', '--purge', 'tetragon-ts')
  assert.deepEqual(await folders(), [''])
  const units = 'find /etc/systemd /usr/lib/systemd -name "tetragon*"'
  assert.equal(await shell(units), '')
})

test('the tarball has the same files, and its agent runs', async () => {
  await writeOptions()
  const unpack = 'tar --extract --directory / --no-overwrite-dir --file /root/tetragon-ts-*.tar.gz'
  await shell(`${unpack} && systemctl daemon-reload && systemctl start tetragon`)
  assert.match(await run('tetra', 'status'), /running/)
  const files = 'tar --list --file /root/tetragon-ts-*.tar.gz | sed s,^,./, | sort'
  const packaged = `dpkg-deb --fsys-tarfile ${current} | tar --list | sed 1d | sort`
  assert.equal(await shell(files), await shell(packaged))
})

test('the machine leaves nothing behind', async () => {
  const ended = machine!
  machine = undefined
  assert.deepEqual(await ended.end(), [])
})
