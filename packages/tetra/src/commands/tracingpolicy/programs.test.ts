import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { runTetra } from '../../testing/run-tetra.ts'
import { TestAgent } from '../../testing/test-agent.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-programs-'))
let agent: TestAgent
before(async () => {
  agent = await TestAgent.start(join(folder, 'agent.sock'))
})
beforeEach(() => agent.reset())
after(async () => {
  await agent.stop()
  rmSync(folder, { recursive: true })
})

const run = (...argv: string[]) =>
  runTetra(['tp', 'programs', ...argv, '--server-address', `unix://${agent.path}`])

const hook = {
  path: 'spec.kprobes[0]',
  call: 'x\x1b',
  backend: 'kprobe',
  reason: 'it is there',
  programs: [
    {
      name: 'tg_x',
      attach_point: 'kprobe x',
      instruction_slots: 1,
      parts: [{ field: 'spec.kprobes[0]', line: 5, instructions: ['exit'] }],
    },
  ],
}

describe('tracingpolicy programs', () => {
  it('shows the programs of each hook', async () => {
    agent.answer('GetPolicyPrograms', { hooks: [hook] })
    const { out, err, code } = await run('p', '-n', 'there', '--domain', 'k8s')
    assert.deepEqual([err, code], ['', 0])
    assert.equal(
      out,
      `policy p
  1 program, 1 instructions

spec.kprobes[0]: x\\x1b
  back end kprobe: it is there
  program tg_x at kprobe x: 1 instructions
    ; spec.kprobes[0] (line 5)
      exit
`,
    )
    assert.deepEqual(agent.requestsOf('GetPolicyPrograms'), [
      { name: 'p', namespace: 'there', domain: 'k8s' },
    ])
  })

  it('asks for one hook', async () => {
    for (const path of ['kprobes[2]', 'spec.kprobes[2]']) await run('p', '--hook', path)
    const wanted = { name: 'p', section: 'kprobes', hook_idx: 2 }
    assert.deepEqual(agent.requestsOf('GetPolicyPrograms'), [wanted, wanted])
    const { err, code } = await run('p', '--hook', 'kprobes')
    assert.match(err, /invalid --hook "kprobes" \(example: kprobes\[0\]\)/)
    assert.equal(code, 2)
  })

  it('reads until there is no more, and from the start if the policy was loaded again', async () => {
    const [program] = hook.programs
    const more = { ...hook, continued: true, programs: [{ ...program, name: 'tg_y' }] }
    agent.answerInTurn('GetPolicyPrograms', [
      { hooks: [hook], next_position: 1, generation: 1 },
      { hooks: [more], generation: 2 },
      { hooks: [hook], next_position: 1, generation: 2 },
      { hooks: [more], generation: 2 },
    ])
    const { out } = await run('p', '-o', 'json')
    const lines = out.trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [{ ...hook, programs: [program, { ...program, name: 'tg_y' }] }],
    )
    const positions = agent.requestsOf('GetPolicyPrograms').map((each) => {
      return (each as { position?: number }).position
    })
    assert.deepEqual(positions, [undefined, 1, undefined, 1])
  })

  it('gives up on an agent whose answers have no end', async () => {
    agent.answer('GetPolicyPrograms', { hooks: [hook], next_position: 1, generation: 1 })
    assert.match((await run('p')).err, /the agent repeats its answers/)
    agent.answerInTurn(
      'GetPolicyPrograms',
      [1, 2, 2, 3, 3, 4, 4, 5].map((generation) => ({ next_position: 1, generation })),
    )
    assert.match((await run('p')).err, /the policy is loaded again and again/)
  })

  it('passes on why there are none', async () => {
    agent.fail(5, 'show programs of policy: policy p of domain grpc not found')
    const { err, code } = await run('p')
    assert.equal(err, 'tetra: show programs of policy: policy p of domain grpc not found\n')
    assert.equal(code, 1)
    agent.fail(12, 'unknown service tetragonts.Inspect')
    assert.match((await run('p')).err, /it is the original Tetragon, or an older release/)
  })
})
