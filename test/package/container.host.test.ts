// The tests are steps: the second one stops the container.

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { CapabilitiesType } from '@tetragon-ts/api'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { cachePath, repositoryRoot } from '../vm/repository.ts'
import { makeWorkFolder } from '../vm/work-folder.ts'
import { componentsOf } from './bill-schema.ts'

const name = `tetragon-container-${process.pid}`
const imageRoot = cachePath('image', 'root')
let folder: string
let container: ChildProcess
let archive: string

/** The capabilities that this process can give, as `--privileged` does. */
async function allCapabilities(): Promise<string[]> {
  const status = await readFile('/proc/self/status', 'utf8')
  const own = BigInt(`0x${/^CapBnd:\s+(\w+)$/m.exec(status)?.[1]}`)
  const available = Object.entries(CapabilitiesType.values).filter(([, number]) => {
    return (own >> BigInt(number)) & 1n
  })
  // One of them lacks its prefix in the API.
  return available.map(([name]) => (name.startsWith('CAP_') ? name : `CAP_${name}`))
}

/** The specification of `docker run --privileged --pid=host --cgroupns=host --read-only`. */
async function specification(): Promise<object> {
  const dockerfile = await readFile(join(repositoryRoot, 'deploy/Dockerfile'), 'utf8')
  const entry = /^ENTRYPOINT (.*)$/m.exec(dockerfile)?.[1] ?? '[]'
  const capabilities = await allCapabilities()
  const bind = (path: string) => {
    return { destination: path, source: path, type: 'bind', options: ['rbind', 'rw'] }
  }
  const tmpfs = (path: string) => ({ destination: path, source: 'tmpfs', type: 'tmpfs' })
  return {
    ociVersion: '1.0.2',
    root: { path: imageRoot, readonly: true },
    process: {
      user: { uid: 0, gid: 0 },
      args: JSON.parse(entry) as unknown,
      env: ['PATH=/usr/bin', 'MALLOC_ARENA_MAX=1'],
      cwd: '/',
      capabilities: Object.fromEntries(
        ['bounding', 'effective', 'permitted'].map((set) => [set, capabilities]),
      ),
    },
    mounts: [
      { destination: '/proc', source: 'proc', type: 'proc' },
      ...['/sys', '/dev'].map(bind),
      ...['/run', '/tmp'].map(tmpfs),
    ],
    linux: {
      cgroupsPath: `/${name}`,
      namespaces: ['mount', 'uts', 'ipc', 'network'].map((type) => ({ type })),
    },
  }
}

before(async () => {
  const output = await runOrThrow(process.execPath, [join(repositoryRoot, 'scripts/image.mjs')])
  archive = output.trim().split('\n')[1]!
  folder = await makeWorkFolder(cachePath('machines'), 'container')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'config.json'), JSON.stringify(await specification()))
})
after(async () => {
  container?.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

/** What `tetra status` prints, once the server is up: the export starts earlier. */
async function statusInContainer(): Promise<string> {
  for (let attempts = 30; ; attempts--) {
    try {
      return await runOrThrow('runc', ['exec', name, '/usr/bin/tetra', 'status'])
    } catch (error) {
      if (attempts === 0) throw error
      await delay(1000)
    }
  }
}

test('the image has bills of materials of its programs and libraries', () => {
  const names = componentsOf(archive)
  for (const name of ['nodejs', 'libc6', 'koffi', 'pkijs', 'preact']) {
    assert.ok(names.includes(name), name)
  }
})

test('the image runs as a plain container, and names the processes of the machine', async () => {
  container = spawn('runc', ['run', '--bundle', folder, name], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  assert.ok(container.stdout && container.stderr)
  let log = ''
  container.stderr.on('data', (chunk: Buffer) => {
    log += chunk
  })
  const lines = createInterface(container.stdout)[Symbol.asyncIterator]()
  // Events of processes that already ran come first.
  assert.match((await lines.next()).value ?? log, /^\{"process_exec":/)
  const marker = `/bin/true ${name}`
  await runOrThrow('/bin/true', [name])
  const found = (line: string) => line.includes(name) && line.includes('"process_exec"')
  for (;;) {
    const { value, done } = await lines.next()
    if (done) assert.fail(`no event of ${marker}: ${log}`)
    if (found(value)) break
  }
  assert.match(await statusInContainer(), /running/)
})

test('it ends when it is stopped', async () => {
  const exited = once(container, 'exit')
  container.stdout?.resume()
  await runOrThrow('runc', ['kill', name, 'TERM'])
  const [exitCode] = (await exited) as [number | null]
  assert.equal(exitCode, 0)
})
