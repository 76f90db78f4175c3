import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { everythingPolicy } from '@tetragon-ts/policy/schema'
import fc from 'fast-check'
import { parse } from 'yaml'
import { runTetra } from '../testing/run-tetra.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { differences } from './compare.ts'
import { type Normal, normalPolicy } from './normal-form.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-diff-'))
const file = join(folder, 'policy.yaml')
let agent: TestAgent
before(async () => {
  agent = await TestAgent.start(join(folder, 'agent.sock'))
})
beforeEach(() => agent.reset())
after(async () => {
  await agent.stop()
  rmSync(folder, { recursive: true })
})

const policy = (hooks: string) => `# comment
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: one
spec:
  kprobes:
${hooks.replace(/^(?=.)/gm, '  ')}`

const two = policy(`- call: tcp_connect
  syscall: false
  args:
  - index: 0
    type: sock
- call: tcp_close
  syscall: false
`)

async function diff(text: string, ...argv: string[]) {
  writeFileSync(file, text)
  const where = ['--server-address', `unix://${agent.path}`, '--retries', '0']
  return runTetra(['tp', 'diff', file, ...where, ...argv])
}

function runs(...texts: string[]): void {
  const policies = texts.map((yaml) => {
    return { name: /name: (.*)/.exec(yaml)?.[1], domain: 'grpc', yaml }
  })
  agent.answer('GetPolicies', { policies })
}

describe('diff', () => {
  it('finds no difference between policies with the same meaning', async () => {
    runs(two)
    const same = policy(`- syscall: false
  call: "tcp_connect"
  return: false
  args:
  - { type: sock, index: 0 }
  selectors: []
- call: tcp_close
  syscall: false
  tags: []
`)
    assert.deepEqual(await diff(same), { out: '', err: '', code: 0 })
  })

  it('shows differences with their paths', async () => {
    runs(two)
    const changed = two
      .replace('type: sock', 'type: int64\n      label: "a\\e"')
      .replace('- call: tcp_close\n', '- call: tcp_sendmsg\n')
    const { out, err, code } = await diff(changed)
    assert.deepEqual([err, code], ['', 1])
    const lines = [
      '--- running policy one',
      `+++ ${file}`,
      '- spec.kprobes[0].args[0].type: sock',
      '+ spec.kprobes[0].args[0].type: int64',
      '+ spec.kprobes[0].args[0].label: a\\x1b',
      '- spec.kprobes[1].call: tcp_close',
      '+ spec.kprobes[1].call: tcp_sendmsg',
      '',
    ]
    assert.equal(out, lines.join('\n'))
    const json = JSON.parse((await diff(changed, '-o', 'json')).out)
    assert.deepEqual([json.state, json.differences.length], ['different', 3])
  })

  it('recognizes hooks that moved because of others', async () => {
    runs(two)
    const { out } = await diff(
      two.replace('  - call: tcp_connect', '  - call: sys_dup\n  - call: tcp_connect'),
    )
    assert.equal(
      out.split('\n').slice(2).join('\n'),
      '+ spec.kprobes[0]:\n+   call: sys_dup\n+   syscall: "true"\n+   return: "false"\n'.replaceAll(
        '"',
        '',
      ),
    )
  })

  it('shows policies that are on one side only', async () => {
    runs(two.replace('one', 'other'))
    assert.deepEqual(await diff(two), { out: 'policy one is not loaded\n', err: '', code: 1 })
    const { out } = await diff(two, '--all')
    assert.equal(out, 'policy one is not loaded\npolicy other runs, but is in no file\n')
    runs(two)
    assert.equal((await diff(two, '--domain', 'static')).code, 1)
    assert.equal((await diff(two, '--all')).code, 0)
  })

  it('ends with 2 after an error', async () => {
    assert.equal((await diff('spec: {}')).code, 2)
    agent.fail(7, 'not for you')
    const { err, code } = await diff(two)
    assert.deepEqual([err, code], ['tetra: not for you\n', 2])
    assert.equal((await runTetra(['tp', 'diff'])).code, 2)
  })
})

/** Applies differences of whole values, to check that none is missing. */
function paths(before: Normal, after: Normal): string[] {
  return differences(before, after).map(({ path }) => path)
}

it('there are no differences exactly if two policies are the same', () => {
  const whole = normalPolicy(parse(everythingPolicy()))
  assert.deepEqual(paths(whole, normalPolicy(parse(everythingPolicy()))), [])
  const value: fc.Arbitrary<Normal> = fc.letrec<{ value: Normal }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom('a', 'b', 'c'),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('name', 'call', 'index', 'x'), tie('value')),
    ),
  })).value
  fc.assert(
    fc.property(value, value, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other)
      const found = differences(one, other)
      // The order of fields does not matter.
      if (isSame) assert.deepEqual(found, [])
      for (const { before, after } of found) {
        assert.notEqual(JSON.stringify(before), JSON.stringify(after))
      }
      assert.equal(differences(other, one).length === 0, found.length === 0)
    }),
  )
})
