import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeKernel, type KernelDescription } from '@tetragon-ts/compiler/kernel-description'
import { FakeCluster } from '../testing/fake-cluster.ts'
import { runTetra } from '../testing/run-tetra.ts'
import type { TestAgent } from '../testing/test-agent.ts'

const kinds = [
  ...['fentry', 'kprobe', 'kprobe_multi', 'lsm', 'fmod_ret', 'override_return', 'tp_btf'],
  ...['tracepoint', 'raw_tp', 'sock_ops', 'cgroup_sock', 'cgroup_skb', 'cgroup_sock_addr'],
  ...['cgroup_sockopt', 'cgroup_device', 'cgroup_sysctl', 'fanotify', 'uprobe', 'uprobe_cookie'],
  ...['uprobe_multi', 'uprobe_registers', 'probe_write_user'],
]
const abilities = [
  ...['bpfLoop', 'currentTaskBtf', 'directReads', 'openReads', 'mapFields', 'guardedArguments'],
  ...['longJumps', 'exchange'],
]

/** A description with a release, without types. */
async function descriptionOf(release: string): Promise<Buffer> {
  const facts = {
    ...{ release, version: '', architecture: 'x64', securityModules: [], limits: {} },
    cgroups: { hierarchy: { version: 2, id: 0 }, version2: true },
    refusals: Object.fromEntries(kinds.map((kind) => [kind, ''])),
    abilities: Object.fromEntries(abilities.map((name) => [name, true])),
    ...{ probes: {}, preemptsPrograms: false, tracepoints: {} },
    returnDistances: { kprobe: null, kprobe_multi: null },
  } as unknown as KernelDescription['facts']
  const functions = { symbols: new Set(['vfs_read']), traceable: undefined }
  return Buffer.from(
    await encodeKernel({ facts, functions, btf: Buffer.of(1), modules: new Map() }),
  )
}

/** The response of an agent with this kernel. */
async function responseOf(release: string, given?: Buffer) {
  const description = given ?? (await descriptionOf(release))
  const hash = createHash('sha256').update(description).digest('hex')
  return { hash, release, size: description.length, description: description.toString('base64') }
}

describe('tetra kernels', () => {
  let cluster: FakeCluster
  let agents: readonly TestAgent[]
  let folder: string

  before(async () => {
    cluster = await FakeCluster.start()
    agents = [
      await cluster.addAgent('one'),
      await cluster.addAgent('two'),
      await cluster.addAgent('three'),
    ]
    folder = mkdtempSync(join(tmpdir(), 'kernels-'))
  })
  beforeEach(async () => {
    for (const agent of agents) agent.reset()
    agents[0].answer('GetKernel', await responseOf('6.12.1'))
    agents[1].answer('GetKernel', await responseOf('6.12.1'))
    agents[2].answer('GetKernel', await responseOf('5.10.1'))
  })
  after(async () => {
    await cluster.stop()
    rmSync(folder, { recursive: true })
  })

  const run = (...argv: string[]) => runTetra([...cluster.options, 'kernels', ...argv])

  it('lists each kernel once with its nodes, and only asks for hashes', async () => {
    const { out, err, code } = await run()
    assert.equal(err, '')
    assert.equal(code, 0)
    const rows = out.split('\n').map((line) => line.trim().split(/ {3,}/))
    assert.deepEqual(rows[0], ['KERNEL', 'HASH', 'SIZE', 'NODES', 'NAMES'])
    assert.deepEqual([rows[1][0], ...rows[1].slice(3)], ['6.12.1', '2', 'one, two'])
    assert.deepEqual([rows[2][0], ...rows[2].slice(3)], ['5.10.1', '1', 'three'])
    assert.deepEqual(agents[0].requestsOf('GetKernel'), [{}])
  })

  it('saves a file for each kernel, from one of its nodes', async () => {
    const { err, code } = await run('--save', folder)
    assert.equal(code, 0, err)
    const names = readdirSync(folder).sort()
    assert.deepEqual(
      names.map((name) => name.replace(/-[0-9a-f]{12}/, '')),
      ['5.10.1.kernel', '6.12.1.kernel'],
    )
    assert.deepEqual(readFileSync(join(folder, names[0])), await descriptionOf('5.10.1'))
    const asked = agents.map((agent) => agent.requestsOf('GetKernel').length)
    assert.deepEqual(asked, [2, 1, 2])
  })

  it('does not trust what agents claim', async () => {
    const other = join(folder, 'other')
    const hostile = await responseOf('../../../tmp/x')
    agents[0].answer('GetKernel', { ...hostile, release: '\u001b[2J' })
    agents[1].answer('GetKernel', { ...(await responseOf('6.12.1')), hash: 'f'.repeat(64) })
    agents[2].answer('GetKernel', await responseOf('5.10.1', Buffer.from('no description')))
    const { out, err, code } = await run('--save', other)
    assert.equal(code, 1)
    assert.ok(!out.includes('\u001b'))
    assert.match(err, /node two: the description is not the one that its hash names/)
    assert.match(err, /node three: read description: it is not a file of tetragon kernel describe/)
    const [saved, ...more] = readdirSync(other)
    assert.match(saved, /^_\.\._\.\._tmp_x-[0-9a-f]{12}\.kernel$/)
    assert.deepEqual(more, [])
  })

  it('fails for nodes without an answer', async () => {
    cluster.setPod('two', { waiting: { reason: 'CrashLoopBackOff' } })
    const { err, code } = await run('-o', 'json')
    cluster.setPod('two', { running: {} })
    assert.equal(code, 1)
    assert.match(err, /node two: pod tetragon-two is CrashLoopBackOff/)
  })
})
