// Builds the executable, without compression, and runs it in root folders that have libraries of
// Debian and nothing else. Each starts an agent on the kernel of this machine.

import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@tetragon-ts/agent/testing'
import { runOrThrow, runProgram } from '@tetragon-ts/test/archives'
import { cachePath, repositoryRoot } from '../vm/repository.ts'
import { makeWorkFolder } from '../vm/work-folder.ts'
import { BareRoot } from './bare-root.ts'
import { componentsOf } from './bill-schema.ts'
import { agentOptions, agentSocket, killAgents, RootAgent } from './root-agent.ts'

let folder: string
let executable: string

const makeExecutable = async (script: string, ...args: readonly string[]) => {
  return (await runOrThrow(process.execPath, [script, 'fast', ...args])).trim()
}

before(async () => {
  folder = await makeWorkFolder(cachePath('machines'), 'executable')
  // With the facts about the sources as they are now.
  await runOrThrow(process.execPath, [join(repositoryRoot, 'scripts/bundle.mjs')])
  executable = await makeExecutable(join(repositoryRoot, 'scripts/executable.mjs'), folder)
})
after(async () => {
  killAgents()
  await rm(folder, { recursive: true, force: true })
})

const noexec = { shm: 'noexec', run: 'noexec' }

for (const suite of ['bullseye', 'trixie']) {
  test(`without Node.js, with libraries of ${suite}, a started program is seen`, async () => {
    const agent = new RootAgent(await BareRoot.make(suite, executable), { ...noexec, shm: 'exec' })
    await agent.serving()
    await agent.seesPrograms()
    await agent.end()
  })
}

test('policies, compiling and the console work, with a noexec /tmp and /dev/shm', async () => {
  const agent = new RootAgent(await BareRoot.make('bookworm', executable), {
    ...noexec,
    run: 'exec',
  })
  await agent.serving()
  const version = basename(executable).replace(/^tetragon-ts-|-linux-\w+$/g, '')
  assert.match(
    await agent.tetra('version', '--server-address', agentSocket),
    new RegExp(`: ${version}$`, 'm'),
  )
  assert.equal((await agent.try('tetragon', '--version')).stdout, `tetragon ${version}\n`)
  const policy = await readFile(join(repositoryRoot, 'policies/tests/tracepoint-execve.yaml'))
  await writeFile(`/proc/${agent.child.pid}/root/run/policy.yaml`, policy)
  assert.match((await agent.try('tetragon', 'compile', '/run/policy.yaml')).stdout, /instructions/)
  await agent.tetra('tp', 'add', '--server-address', agentSocket, '/run/policy.yaml')
  assert.match(await agent.tetra('tp', 'list', '--server-address', agentSocket), /enabled/)
  const validate = ['tp', 'validate', '--server-address', agentSocket, '/run/policy.yaml']
  await agent.tetra(...validate)
  await agent.seesPrograms()
  await until('an event of the policy', async () => {
    const events = await readFile(`/proc/${agent.child.pid}/root/run/events.json`, 'utf8')
    return events.includes('"process_tracepoint"')
  })
  const open = ['tetra', 'console', '--server-address', agentSocket, '--listen', '127.0.0.1:0']
  const address = await agent.line(open, /^http/)
  const [cookie] = (await fetch(address)).headers.getSetCookie()
  const page = await fetch(new URL('/', address), { headers: { cookie: cookie!.split(';')[0]! } })
  assert.match(await page.text(), /<html lang/)
  await agent.end()
})

test('the agent ends with the reason where no file system permits execution', async () => {
  const root = await BareRoot.make('bookworm', executable)
  const { exitCode, stderr } = await root.try(noexec, 'tetragon', ...agentOptions)
  assert.equal(exitCode, 1)
  assert.match(stderr, /^tetragon: load the native library: .*\/dev\/shm.* \[AGENT_LIBRARY\]\n$/)
  const { stdout } = await root.try(noexec, 'tetra', '--help')
  assert.match(stdout, /^Usage:/m)
})

test('variables for Node.js have no effect on the agent', async () => {
  const run = async (name: string, ...words: readonly string[]) => {
    const NODE_V8_COVERAGE = join(folder, name)
    const env = { PATH: process.env.PATH, NODE_V8_COVERAGE, NODE_OPTIONS: '--version' }
    const { stdout, stderr } = await runProgram(executable, words, { env })
    const files = existsSync(NODE_V8_COVERAGE) ? readdirSync(NODE_V8_COVERAGE) : []
    return { output: stdout + stderr, files: files.length }
  }
  // Node.js writes there what tetra has run.
  assert.equal((await run('tetra', 'tetra', 'version')).files, 1)
  const agent = await run('agent', ...agentOptions, '--procfs=/nowhere')
  assert.match(agent.output, /\/nowhere/)
  assert.equal(agent.files, 0)
})

test('it has the licences of what it contains', async () => {
  const text = await runOrThrow(executable, ['licences'])
  for (const licence of [/Apache License/, /^koffi \S+ \(MIT\)$/m, /^Node\.js is licensed/m]) {
    assert.match(text, licence)
  }
})

test('its bills of materials name what it contains', () => {
  const names = componentsOf(executable)
  for (const name of [
    'nodejs',
    'koffi',
    `@koromix/koffi-linux-${process.arch}`,
    'preact',
    'yaml',
  ]) {
    assert.ok(names.includes(name), name)
  }
})

/** Builds in a copy of the repository, $1, below a folder, $2. */
const buildElsewhere = `
mkdir -p "$2/root" "$2/layers" "$2/result"
mount -t tmpfs tmpfs "$2/layers"
mkdir "$2/layers/changes" "$2/layers/overlay"
layers="lowerdir=$1,upperdir=$2/layers/changes,workdir=$2/layers/overlay"
mount -t overlay overlay -o "$layers" "$2/root"
cd "$2/root"
rm -r packages/*/bundle packages/console/page
node scripts/bundle.mjs
node scripts/build-page.mjs
exec node scripts/executable.mjs fast "$2/result"
`

test('a build in another folder gives the same bytes', async () => {
  const other = join(folder, 'other')
  const shell = ['sh', '-ec', buildElsewhere, 'sh', repositoryRoot, other]
  await runOrThrow('unshare', ['--mount', '--propagation', 'private', ...shell])
  for (const name of ['CONTENTS', 'SHA256SUMS']) {
    const lines = async (path: string) => (await readFile(join(path, name), 'utf8')).split('\n')
    const [first, second] = [await lines(folder), await lines(join(other, 'result'))]
    assert.equal(
      second.find((line, i) => line !== first[i]),
      undefined,
      name,
    )
    assert.equal(second.length, first.length)
  }
  await runOrThrow('sh', ['-c', `cd ${folder} && sha256sum --check SHA256SUMS`])
})
