import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { agentProgram, makeTestFolder } from '@tetragon-ts/agent/testing'
import { TestClient } from '@tetragon-ts/agent/testing/client'
import { type Held, held, leaked } from './policies/scale/kernel-objects.ts'

/** How often the agent is killed; increase it with `TEST_CRASHES=100`. */
const crashes = Number(process.env.TEST_CRASHES ?? 4)
const startLimitMs = 90_000
/** Times of the kills, after its start or after it serves. */
const earliestMs = 600
const latestMs = 800
const policiesMax = 4

const policy = (name: string) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
spec:
  kprobes:
  - call: sys_chdir
    syscall: true
    args:
    - index: 0
      type: string
`

let folder: string
let load: ChildProcess
let objects: Held
/** The state of policies that clients know; `unknown` after a call without response. */
const told = new Map<string, 'there' | 'gone' | 'unknown'>()

before(() => {
  folder = makeTestFolder()
  mkdirSync(join(folder, 'run'))
  objects = held()
  const script = 'while :; do /bin/true "some argument"; cd /; sleep 0.01; done'
  load = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' })
})
after(() => {
  load.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** One run of the agent, always with the same options and files. */
class Life {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  stderr = ''

  constructor() {
    const files = ['--export-filename', join(folder, 'events.json')]
    files.push('--export-file-max-size-mb', '1', '--export-file-max-backups', '3')
    const own = ['--pid-file', join(folder, 'run/pid'), '--persist-grpc-policies']
    const args = [agentProgram, ...files, ...own, '--tracing-policy-dir', '']
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.ended = new Promise((resolve) => this.child.once('close', resolve))
  }

  async serves(): Promise<TestClient> {
    const deadline = performance.now() + startLimitMs
    while (!this.stderr.includes('serving on ')) {
      const isOver = this.child.exitCode !== null || performance.now() > deadline
      if (isOver) throw new Error(`start agent again: ${this.stderr}`)
      await sleep(10)
    }
    return new TestClient(`unix:${join(folder, 'run/tetragon.sock')}`)
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.ended
  }
}

/** Policies are in the states that clients know; unknown states are queried. */
async function checkPolicies(client: TestClient): Promise<void> {
  const { policies = [] } = (await client.call('ListTracingPolicies')) as {
    policies?: { name: string; state: string; error?: string }[]
  }
  for (const { state, error } of policies) assert.equal(state, 'TP_STATE_ENABLED', error)
  const names = new Set(policies.map(({ name }) => name))
  for (const [name, state] of told) {
    if (state !== 'unknown') assert.equal(names.has(name), state === 'there', name)
    told.set(name, names.has(name) ? 'there' : 'gone')
  }
}

/** Adds and deletes policies until the agent is gone. */
async function changePolicies(client: TestClient): Promise<void> {
  for (let i = 0; ; i++) {
    const name = `policy-${i % policiesMax}`
    const isThere = told.get(name) === 'there'
    told.set(name, 'unknown')
    try {
      if (isThere) await client.call('DeleteTracingPolicy', { name })
      else await client.call('AddTracingPolicy', { yaml: policy(name) })
    } catch (error) {
      assert.match((error as Error).message, /UNAVAILABLE|CANCELLED/)
      return
    }
    told.set(name, isThere ? 'gone' : 'there')
  }
}

async function liveAndCrash(killAfterMs: number, isEarly: boolean): Promise<void> {
  const life = new Life()
  if (isEarly) {
    await sleep(killAfterMs)
    await life.kill()
    return
  }
  const client = await life.serves()
  await checkPolicies(client)
  const stream = await client.events()
  stream.stream.on('error', () => {})
  const changes = changePolicies(client)
  await sleep(killAfterMs)
  await life.kill()
  await changes
  client.close()
}

/** Every line of every export file must be whole. */
function checkLines(): number {
  let lines = 0
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('events')) continue
    const text = readFileSync(join(folder, name), 'utf8')
    assert.ok(text === '' || text.endsWith('\n'), name)
    for (const line of text.split('\n').slice(0, -1)) {
      JSON.parse(line)
      lines++
    }
  }
  return lines
}

it(`starts again after each of ${crashes} crashes under load, and leaves nothing behind`, async () => {
  for (let i = 0; i < crashes; i++) {
    const isEarly = i % 3 === 2
    const killAfterMs = Math.random() * (isEarly ? earliestMs : latestMs)
    const when = `crash ${i}, ${killAfterMs.toFixed(0)} ms after ${isEarly ? 'start' : 'serving'}`
    await liveAndCrash(killAfterMs, isEarly).catch((error: Error) => {
      throw new Error(`${when}: ${error.message}`, { cause: error })
    })
  }
  const life = new Life()
  const client = await life.serves()
  await checkPolicies(client)
  for (const [name, state] of told) {
    if (state === 'there') await client.call('DeleteTracingPolicy', { name })
  }
  client.close()
  life.child.kill('SIGTERM')
  assert.equal(await life.ended, 0, life.stderr)
  assert.doesNotMatch(life.stderr, /lost/)
  assert.ok(checkLines() > 0)
  assert.deepEqual(readdirSync(join(folder, 'run')), ['grpc-policies'])
  assert.deepEqual(readdirSync(join(folder, 'run/grpc-policies')), [])
  assert.deepEqual(await leaked(objects), [])
})
