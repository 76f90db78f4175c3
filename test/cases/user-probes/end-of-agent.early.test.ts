import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { isPart, makeTestFolder, RunningAgent } from '@tetragon-ts/agent/testing'
import { ownWorkload } from '../../workloads/index.ts'
import { counterOffset } from './counter-offset.ts'

/** The instruction int3. */
const breakpoint = 'cc'

let program: string
let folder: string
let policies: string
before(async () => {
  folder = makeTestFolder()
  program = await ownWorkload('probed', folder)
  policies = join(folder, 'policies')
  mkdirSync(policies)
  const counter = counterOffset(program)
  writeFileSync(
    join(policies, 'probes.yaml'),
    `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: probes
spec:
  uprobes:
  - path: ${program}
    symbols: [takes_six]
    refCtrOffsets: [${counter}]
`,
  )
})
after(() => rmSync(folder, { recursive: true }))

/** After SIGTERM the agent detaches the probes itself, in the same way on all kernels. */
const signals = isPart ? (['SIGKILL'] as const) : (['SIGTERM', 'SIGKILL'] as const)

for (const signal of signals) {
  it(`breakpoints and counters are gone after ${signal}`, async () => {
    const agent = await RunningAgent.start('--tracing-policy-dir', policies)
    // One that lives longer than the agent, and one that starts afterwards.
    const commands = ['code', '--', 'counter', '--', 'wait']
    const witness = spawn(program, [...commands, '--', ...commands], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    let output = ''
    witness.stdout.setEncoding('latin1').on('data', (text: string) => {
      output += text
    })
    while (output.split('\n').length < 3) await once(witness.stdout, 'data')
    assert.equal(output, `${breakpoint}\n1\n`)
    await agent.stop(signal)
    const ended = once(witness, 'close')
    witness.stdin.end('xx')
    await ended
    const [, , code, count] = output.split('\n')
    await agent.remove()
    assert.notEqual(code, breakpoint)
    assert.equal(count, '0')
  })
}
