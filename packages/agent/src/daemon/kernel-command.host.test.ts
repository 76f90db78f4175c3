import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, credentials } from '@grpc/grpc-js'
import {
  type GetKernelRequest,
  type GetKernelResponse,
  Inspect,
  serviceDefinition,
} from '@tetragon-ts/api'
import { decodeKernel } from '@tetragon-ts/compiler/kernel-description'
import { agentProgram, makeTestFolder, RunningAgent } from '../testing/run-agent.ts'

const definition = serviceDefinition(Inspect)
const insecure = () => credentials.createInsecure()

describe('tetragon kernel describe', () => {
  let folder: string

  before(() => {
    folder = makeTestFolder()
  })
  after(() => rmSync(folder, { recursive: true }))

  const run = (...args: string[]) => spawnSync(process.execPath, [agentProgram, 'kernel', ...args])

  it('writes a description to a file, or to standard output', async () => {
    const file = join(folder, 'host.kernel')
    const { status, stdout, stderr } = run('describe', '-o', file)
    assert.equal(status, 0, stderr.toString())
    const written = readFileSync(file)
    assert.equal(stdout.toString(), `${file}: ${written.length} bytes\n`)
    const { facts } = await decodeKernel(written)
    assert.equal(facts.release, release())
    assert.ok(facts.securityModules.includes('capability'), facts.securityModules.join())
    const options = { maxBuffer: 1 << 24 }
    const args = [agentProgram, 'kernel', 'describe']
    const printed = spawnSync(process.execPath, args, options).stdout
    assert.ok(printed.equals(written))
  })

  it('is enough to compile policies without the FFI', () => {
    const file = join(folder, 'host.kernel')
    const policy = join(folder, 'policy.yaml')
    const hook = join(folder, 'no-ffi.cjs')
    const spec = { kprobes: [{ call: 'sys_chdir', syscall: true }] }
    const kind = { apiVersion: 'cilium.io/v1alpha1', kind: 'TracingPolicy' }
    writeFileSync(policy, JSON.stringify({ ...kind, metadata: { name: 'p' }, spec }))
    writeFileSync(
      hook,
      `const modules = require('node:module')
const load = modules._load
modules._load = (id, ...rest) => {
  if (/koffi/.test(id)) throw new Error('loads the FFI')
  return load(id, ...rest)
}`,
    )
    const compile = (...args: string[]) => {
      const all = ['--require', hook, agentProgram, 'compile', ...args, policy]
      return spawnSync(process.execPath, all, { encoding: 'utf8' })
    }
    const { status, stdout, stderr } = compile('--kernel', file)
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^kernel .*\n\n?policy p /)
    assert.match(compile().stderr, /loads the FFI/, 'the test can fail')
  })

  it('is what an agent offers its clients', async () => {
    const agent = await RunningAgent.start('--log-level', 'debug')
    while (!agent.stderr.includes('serving on')) await sleep(10)
    const client = new Client(`unix:${join(agent.folder, 'tetragon.sock')}`, insecure())
    try {
      const { path, requestSerialize, responseDeserialize } = definition.GetKernel
      const ask = (request: GetKernelRequest): Promise<GetKernelResponse> =>
        new Promise((resolve, reject) => {
          client.makeUnaryRequest(
            path,
            requestSerialize,
            responseDeserialize,
            request,
            (error: Error | null, response?: GetKernelResponse) => {
              if (response) resolve(response)
              else reject(error)
            },
          )
        })
      const { hash, size, description = '' } = await ask({ with_description: true })
      const bytes = Buffer.from(description, 'base64')
      assert.equal(bytes.length, size)
      assert.equal(createHash('sha256').update(bytes).digest('hex'), hash)
      assert.equal((await decodeKernel(bytes)).facts.release, release())
      assert.deepEqual(await ask({}), { hash, size, release: release() })
    } finally {
      client.close()
      await agent.remove()
    }
  })

  it('refuses wrong options with exit code 2, and missing modules with 1', () => {
    for (const args of [
      ['describe', '--bad'],
      ['draw'],
      ['describe', 'x'],
      ['describe', '--module', '../vmlinux'],
    ]) {
      const { status, stderr } = run(...args)
      assert.equal(status, 2, stderr.toString())
      assert.match(stderr.toString(), /kernel: .*; see kernel --help \[AGENT_OPTION\]/)
    }
    const { status, stderr } = run('describe', '--module', 'no_such_module')
    assert.equal(status, 1)
    assert.match(stderr.toString(), /the module is not loaded, or has no types \[AGENT_KERNEL\]/)
  })
})
