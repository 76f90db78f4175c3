import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { PolicyRegistry } from '../registry/policy-registry.ts'
import { FakeLoader } from '../registry/testing/fake-loader.ts'
import { GrpcPolicies } from './grpc-policies.ts'
import { PolicyFiles } from './policy-files.ts'

const policy = (name: string, call = 'tcp_connect') => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
spec:
  kprobes:
  - call: ${call}
    syscall: false
`

let folder: string
let loader: FakeLoader
let registry: PolicyRegistry
let files: PolicyFiles
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'policies-'))
  loader = new FakeLoader()
  registry = new PolicyRegistry(loader)
  files = new PolicyFiles([folder])
  await files.start(registry)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const write = (file: string, text: string) => writeFileSync(join(folder, file), text)
const listed = () =>
  registry.list().map(({ name, state, error }) => `${name} ${state} ${error}`.trim())
const id = (name: string) => ({ name, namespace: '', domain: 'static' })

describe('policies of files at the start', () => {
  it('are read completely, then added to the registry in order', async () => {
    write('a.yaml', `${policy('one')}---\n${policy('two')}`)
    const source = new PolicyFiles([folder])
    source.read()
    assert.deepEqual(listed(), [])
    await source.start(registry)
    assert.deepEqual(listed(), ['one TP_STATE_ENABLED', 'two TP_STATE_ENABLED'])
    source.close()
    rmSync(join(folder, 'a.yaml'))
    assert.equal((await source.reload()).removed, 0)
  })

  it('are refused as a whole where one has an error', () => {
    write('a.yaml', policy('one'))
    write('b.yaml', 'kind: Nothing')
    assert.throws(() => files.read(), /b\.yaml/)
    write('b.yaml', policy('one'))
    assert.throws(() => files.read(), /load policy one: both/)
  })

  it('abort the start with the first that cannot be loaded', async () => {
    write('a.yaml', `${policy('bad')}---\n${policy('two')}`)
    const source = new PolicyFiles([folder])
    source.read()
    await assert.rejects(source.start(registry), /load policy bad/)
    assert.deepEqual(loader.names, [])
  })
})

describe('policies of files at a start that tolerates errors', () => {
  let warnings: string[]
  let source: PolicyFiles
  const start = async () => {
    warnings = []
    source = new PolicyFiles([folder], {}, { warning: (message) => warnings.push(message) })
    source.read()
    registry = new PolicyRegistry(loader)
    await source.start(registry)
  }

  it('are loaded without those that cannot be read or loaded, which are listed', async () => {
    write('a.yaml', `${policy('bad')}---\n${policy('two')}`)
    write('B_1.yaml', 'kind: Nothing')
    mkdirSync(join(folder, 'deeper'))
    write('deeper/b-1.yaml', '[')
    await start()
    assert.deepEqual(loader.names, ['two'])
    const states = registry.list().map(({ name, state }) => `${name} ${state}`)
    assert.deepEqual(states.sort(), [
      'b-1.yaml TP_STATE_LOAD_ERROR',
      'b-1.yaml-2 TP_STATE_LOAD_ERROR',
      'bad TP_STATE_LOAD_ERROR',
      'two TP_STATE_ENABLED',
    ])
    assert.deepEqual([...source.failed].sort(), ['b-1.yaml', 'b-1.yaml-2', 'bad'])
    assert.equal(warnings.length, 3)
    assert.match(warnings.join('\n'), /B_1\.yaml:1:1: error: /)
    const listedFile = registry.list().find(({ name }) => name === 'b-1.yaml')
    assert.match(listedFile?.error ?? '', /B_1\.yaml:1:1: error: /)
  })

  it('are all in force once their files are corrected', async () => {
    write('a.yaml', 'kind: Nothing')
    write('b.yaml', policy('two'))
    await start()
    const nothing = { added: 0, replaced: 0, removed: 0, failures: [] }
    write('a.yaml', 'kind: Other')
    assert.match((await source.reload()).failures.join(), /Other/)
    assert.match(listed().join(), /^a\.yaml TP_STATE_LOAD_ERROR [\s\S]*Other/)
    write('a.yaml', policy('one'))
    assert.deepEqual(await source.reload(), { ...nothing, added: 1 })
    assert.deepEqual(listed().sort(), ['one TP_STATE_ENABLED', 'two TP_STATE_ENABLED'])
    assert.deepEqual(source.failed, [])
  })

  it('of which two have the same name show that the second is not in force', async () => {
    write('a.yaml', policy('one'))
    write('b.yaml', policy('one', 'tcp_close'))
    await start()
    assert.match(listed().join(), /^one TP_STATE_ENABLED load policy one: both .*b\.yaml and /)
    assert.deepEqual(source.failed, ['one'])
    rmSync(join(folder, 'b.yaml'))
    await source.reload()
    assert.deepEqual(source.failed, [])
  })
})

describe('policies of files that are read again', () => {
  it('are loaded, replaced and unloaded, as the files say', async () => {
    write('a.yaml', `${policy('one')}---\n${policy('two')}`)
    mkdirSync(join(folder, 'deeper'))
    write('deeper/b.yaml', policy('three'))
    const nothing = { added: 0, replaced: 0, removed: 0, failures: [] }
    assert.deepEqual(await files.reload(), { ...nothing, added: 3 })
    assert.deepEqual(await files.reload(), nothing)
    const [first] = registry.list()
    write('a.yaml', policy('one', 'tcp_close'))
    write('deeper/b.yaml', `# a comment\n${policy('three')}`)
    write('c.yaml', policy('four'))
    const report = await files.reload()
    assert.deepEqual(report, { ...nothing, added: 1, replaced: 1, removed: 1 })
    assert.deepEqual(loader.names, ['four', 'one', 'three'])
    const [again] = registry.list()
    assert.deepEqual([again.id, again.domain], [first.id, 'static'])
    assert.match(again.hook_statuses?.[0].hook_description ?? '', /^tcp_close/)
  })

  it('stay loaded if a file is invalid, with an error until it is valid', async () => {
    write('a.yaml', policy('one'))
    await files.reload()
    write('a.yaml', policy('one').replace('call:', 'cal:'))
    write('b.yaml', 'kind: [')
    const { failures, removed } = await files.reload()
    assert.equal(failures.length, 2)
    assert.equal(removed, 0)
    const [status, unreadable] = listed()
    assert.match(status, /^one TP_STATE_ENABLED .*a.yaml:7:5: error: /)
    assert.match(unreadable, /^b\.yaml TP_STATE_LOAD_ERROR .*b.yaml:1:/)
    write('a.yaml', policy('one'))
    rmSync(join(folder, 'b.yaml'))
    assert.deepEqual((await files.reload()).failures, [])
    assert.deepEqual(listed(), ['one TP_STATE_ENABLED'])
  })

  it('stay loaded if their replacement cannot be loaded', async () => {
    write('a.yaml', policy('one'))
    await files.reload()
    loader.fails = (step) => step === 'replace'
    write('a.yaml', policy('one', 'tcp_close'))
    assert.equal((await files.reload()).failures.length, 1)
    assert.match(listed()[0], /^one TP_STATE_ENABLED replace policy one:\nno such$/)
    loader.fails = () => false
    assert.deepEqual((await files.reload()).failures, [])
    assert.deepEqual(listed(), ['one TP_STATE_ENABLED'])
  })

  it('that could not be loaded are tried again', async () => {
    loader.fails = () => true
    write('a.yaml', policy('one'))
    assert.equal((await files.reload()).failures.length, 1)
    assert.match(listed()[0], /^one TP_STATE_LOAD_ERROR/)
    loader.fails = () => false
    assert.equal((await files.reload()).added, 1)
    assert.deepEqual(listed(), ['one TP_STATE_ENABLED'])
  })

  it('stay while their folder cannot be read', async () => {
    write('a.yaml', policy('one'))
    await files.reload()
    renameSync(folder, `${folder}-moved`)
    const { failures } = await files.reload()
    assert.match(failures.join(), /^read policies: ENOENT/)
    assert.match(listed()[0], /^one TP_STATE_ENABLED read policies: ENOENT/)
    renameSync(`${folder}-moved`, folder)
    await files.reload()
    assert.deepEqual(listed(), ['one TP_STATE_ENABLED'])
  })

  it('keep their mode and state, and do not affect policies of clients', async () => {
    write('a.yaml', policy('one'))
    await files.reload()
    await registry.configure(id('one'), { enable: false })
    const clients = new GrpcPolicies(undefined, () => {})
    await clients.start(registry)
    await clients.add(policy('two'), 'static')
    write('a.yaml', policy('one', 'tcp_close'))
    write('b.yaml', policy('two'))
    const { replaced, failures } = await files.reload()
    assert.equal(replaced, 1)
    assert.match(failures.join(), /^load policy: policy two of domain static already exists$/)
    assert.deepEqual(listed(), ['one TP_STATE_DISABLED', 'two TP_STATE_ENABLED'])
    rmSync(join(folder, 'a.yaml'))
    rmSync(join(folder, 'b.yaml'))
    await files.reload()
    assert.deepEqual(listed(), ['two TP_STATE_ENABLED'])
  })

  it('with the same name are not loaded twice', async () => {
    write('a.yaml', policy('one'))
    write('b.yaml', policy('one', 'tcp_close'))
    const { added, failures } = await files.reload()
    assert.equal(added, 1)
    assert.match(failures.join(), /load policy one: both .*b.yaml and .*a.yaml contain it$/)
  })
})
