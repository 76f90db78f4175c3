import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { isFull, RunningAgent } from '@tetragon-ts/agent/testing'
import { optionsHere } from '../../vm/options-here.ts'
import { repositoryRoot } from '../../vm/repository.ts'

// As users run it: `tetra policytest run --all-tests` with an agent of this machine.

const tetra = join(repositoryRoot, 'packages/tetra/bin/tetra.js')
const all = Object.keys(
  JSON.parse(readFileSync(join(repositoryRoot, 'policies/tests.json'), 'utf8')) as object,
)
/** Whether its policy hooks functions, which other kernels do with kprobes and trampolines. */
const hooksFunctions = (name: string): boolean =>
  readFileSync(join(repositoryRoot, `policies/${name}.yaml`), 'utf8').includes('syscall: false')
/** All would take an emulated processor minutes. */
const tests = isFull ? all : all.filter(hooksFunctions)

interface Result {
  readonly name: string
  readonly state: 'passed' | 'failed' | 'refused' | 'skipped'
  readonly reason: string
}

/** A policy whose hook cannot be attached on this kernel, by the agent's error code. */
const kernelRefuses = /cannot hook|this kernel has no|cannot be read|invalid bpf_context access/

describe('tetra policytest', () => {
  let agent: RunningAgent
  let results: readonly Result[]

  before(async () => {
    agent = await RunningAgent.start('--tracing-policy-dir', '')
    const address = await agent.serving()
    const wanted = isFull ? ['--all-tests'] : tests
    const args = [...optionsHere, tetra, 'policytest', 'run', ...wanted, '-o', 'json']
    const child = spawn(process.execPath, [...args, '--server-address', address])
    const [out] = await Promise.all([text(child.stdout), text(child.stderr)])
    results = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Result)
  })
  after(() => agent?.remove())

  for (const name of tests) {
    it(`${name} passes, unless this kernel cannot`, (t) => {
      const result = results.find((each) => each.name === name)
      assert.ok(result, 'it did not run')
      const { state, reason } = result
      if (state === 'skipped') return t.skip(reason)
      if (state === 'refused' && kernelRefuses.test(reason)) return t.skip(reason)
      assert.equal(state, 'passed', reason)
    })
  }
})
