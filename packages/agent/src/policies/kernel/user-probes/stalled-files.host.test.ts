import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TracingPolicyStatus } from '@tetragon-ts/api'
import { FuseFile } from '../../../testing/fuse-file.ts'
import { makeTestFolder, RunningAgent } from '../../../testing/run-agent.ts'
import { TestClient } from '../../../testing/test-client.ts'

// Hooks in files of the host whose file system does not answer, as of a server that is gone.

const limitMs = 60_000
const program = '/bin/true'

const policy = (name: string, path: string) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: ${name}}
spec:
  uprobes:
  - {path: ${path}, offsets: [${entryOf(program)}]}
`

/** The offset of the entry point, at which every program starts. */
function entryOf(path: string): number {
  const elf = readFileSync(path)
  const entry = Number(elf.readBigUInt64LE(24))
  const first = Number(elf.readBigUInt64LE(32))
  for (let i = 0; i < elf.readUInt16LE(56); i++) {
    const at = first + i * elf.readUInt16LE(54)
    const [offset, address, size] = [8, 16, 32].map((field) => {
      return Number(elf.readBigUInt64LE(at + field))
    })
    const isLoaded = elf.readUInt32LE(at) === 1
    if (isLoaded && entry >= address && entry < address + size) return entry - address + offset
  }
  throw new Error(`${path} has no entry point`)
}

describe('a uprobe in a file whose file system does not answer', () => {
  let folder: string
  let path: string
  let fuse: FuseFile
  let agent: RunningAgent
  let client: TestClient
  before(async () => {
    folder = makeTestFolder()
    path = join(folder, 'program')
    fuse = await FuseFile.mount(path)
    writeFileSync(path, readFileSync(program))
    agent = await RunningAgent.start('--tracing-policy-dir', '')
    client = new TestClient((await agent.serving()).replace('unix://', 'unix:'))
  })
  after(async () => {
    fuse?.resume()
    client?.close()
    await agent?.remove()
    await fuse?.kill()
    fuse?.unmount()
    rmSync(folder, { recursive: true, force: true })
  })

  async function states(): Promise<string[]> {
    const listed = await client.call('ListTracingPolicies')
    const { policies = [] } = listed as { policies?: TracingPolicyStatus[] }
    return policies.map(({ name, state }) => `${name} ${state}`)
  }

  async function until(what: string, test: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + limitMs
    while (!(await test())) {
      if (performance.now() > deadline) throw new Error(`wait for ${what}: ${agent.stderr}`)
      await sleep(20)
    }
  }

  /** Executes a file until that is an event. */
  async function hit(file: string): Promise<void> {
    const { events, stream } = await client.events()
    await until(`an event of ${file}`, () => {
      spawnSync(file)
      return events.some((event) => event.process_uprobe?.path === file)
    })
    stream.cancel()
  }

  it('does not hold up other calls when the policy is loaded', async () => {
    fuse.stall()
    let isOver = false
    const add = client.call('AddTracingPolicy', { yaml: policy('stalled', path) }).finally(() => {
      isOver = true
    })
    let calls = 0
    for (; !isOver; calls++) {
      await states()
      await sleep(1)
    }
    await add
    assert.ok(calls > 20, `${calls}`)
    assert.deepEqual(await states(), ['stalled TP_STATE_ENABLED'])
    assert.match(agent.stderr, /program: its file system does not answer: the hook waits/)
  })

  it('does not hold up hooks in other files', async () => {
    const other = join(folder, 'other')
    copyFileSync(program, other)
    await client.call('AddTracingPolicy', { yaml: policy('other', other) })
    await hit(other)
    await client.call('DeleteTracingPolicy', { name: 'other' })
  })

  it('is attached when the file system answers again', async () => {
    fuse.resume()
    await hit(path)
  })

  it('does not hold up other calls if it stalls later, nor that the policy is deleted', async () => {
    fuse.stall()
    // Longer than the interval of the checks.
    const end = performance.now() + 3000
    let calls = 0
    for (; performance.now() < end; calls++) {
      assert.deepEqual(await states(), ['stalled TP_STATE_ENABLED'])
      await sleep(1)
    }
    assert.ok(calls > 20, `${calls}`)
    await client.call('DeleteTracingPolicy', { name: 'stalled' })
    assert.deepEqual(await states(), [])
  })
})
