import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readPolicies } from '@tetragon-ts/policy'
import { runTetra } from '../testing/run-tetra.ts'
import { TestAgent } from '../testing/test-agent.ts'
import { allValues, readPolicyTests } from './policy-tests.ts'
import { policyOf } from './run-test.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-policytest-'))
const touched = join(folder, 'touched')
const policy = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: reads
spec:
  kprobes:
    - call: fd_install
      syscall: false
`
const tests = {
  'file/reads': {
    about: 'a file is read',
    parameters: { file: ['/a', '/b"'] },
    trigger: `echo "$file" >> ${touched}`,
    expect: ['process_kprobe.args[0].string_arg == "$file"', 'process_kprobe.function_name == "f"'],
  },
}

let agent: TestAgent
before(async () => {
  mkdirSync(join(folder, 'file'))
  writeFileSync(join(folder, 'file/reads.yaml'), policy)
  writeFileSync(join(folder, 'tests.json'), JSON.stringify(tests))
  agent = await TestAgent.start(join(folder, 'agent.sock'))
})
beforeEach(() => {
  agent.reset()
  rmSync(touched, { force: true })
})
after(async () => {
  await agent.stop()
  rmSync(folder, { recursive: true })
})

const run = (...argv: string[]) => {
  const where = ['--server-address', `unix://${agent.path}`, '--retries', '0']
  return runTetra(['policytest', ...argv, '--policies', folder, ...where])
}

async function send(arg: string, count: number): Promise<void> {
  while (agent.requestsOf('AddTracingPolicy').length < count) await sleep(2)
  agent.send({ process_kprobe: { process: {}, function_name: 'f', args: [{ string_arg: arg }] } })
}

describe('policytest', () => {
  it('loads a policy, triggers it, checks the events and removes it', async () => {
    const outcome = run('run', 'file/reads', '--monitor-mode', '-o', 'json')
    await send('/a', 1)
    const { out, err, code } = await outcome
    assert.deepEqual([err, code], ['1 passed, 0 failed, 0 refused, 0 skipped\n', 0])
    const { name, parameters, state } = JSON.parse(out)
    assert.deepEqual([name, parameters, state], ['file/reads', { file: '/a' }, 'passed'])
    assert.equal(readFileSync(touched, 'utf8'), '/a\n')
    const [added] = agent.requestsOf('AddTracingPolicy') as { yaml: string; domain: string }[]
    assert.match(added.yaml, /name: policytest-reads\n[\s\S]*policy-mode\n +value: monitor/)
    const removed = { name: 'policytest-reads', domain: 'policytest' }
    assert.deepEqual(agent.requestsOf('DeleteTracingPolicy'), [removed])
    const [{ allow_list }] = agent.requestsOf('GetEvents') as { allow_list: object[] }[]
    assert.deepEqual(allow_list, [{ policy_names: ['policytest-reads'], pid_set: [process.pid] }])
  })

  it('runs with all values, and writes policies and results to the given places', async () => {
    const [dumped, results] = [join(folder, 'dumped'), join(folder, 'results')]
    const paths = ['--dump-policy-path', dumped, '--output-file', results]
    const outcome = run('run', '--all-tests', '--all-params', ...paths)
    await send('/a', 1)
    await send('/b"', 2)
    const { out, code } = await outcome
    assert.deepEqual([out, code], ['', 0])
    assert.match(
      readFileSync(results, 'utf8'),
      /^ok +file\/reads file=\/a .*\nok +file\/reads file=\/b" /,
    )
    assert.match(readFileSync(join(dumped, 'policytest-reads.yaml'), 'utf8'), /policytest-reads/)
  })

  it('shows refused policies, which are not failures', async () => {
    agent.failOnly('AddTracingPolicy', 9, 'no such\x1b function')
    const { out, err, code } = await run('run', 'file/reads')
    assert.match(out, /^refused file\/reads .*\n {8}no such\\x1b function\n$/)
    assert.deepEqual([err, code], ['0 passed, 0 failed, 1 refused, 0 skipped\n', 0])
    assert.deepEqual(agent.requestsOf('DeleteTracingPolicy'), [])
  })

  it('skips a test whose setup fails, with the reason', async () => {
    const setup = { 'file/reads': { ...tests['file/reads'], setup: 'echo none here >&2; exit 3' } }
    writeFileSync(join(folder, 'tests.json'), JSON.stringify(setup))
    const { out, err, code } = await run('run', 'file/reads')
    writeFileSync(join(folder, 'tests.json'), JSON.stringify(tests))
    assert.match(out, /^skipped file\/reads .*\n {8}the setup ended with 3: none here\n$/)
    assert.deepEqual([err, code], ['0 passed, 0 failed, 0 refused, 1 skipped\n', 0])
    assert.deepEqual(agent.requestsOf('AddTracingPolicy'), [])
  })

  it('fails a test with an unwanted event', async () => {
    const [first] = tests['file/reads'].expect
    const rejecting = { ...tests['file/reads'], expect: [], reject: [first] }
    const policyOfParameters = policy.replace('fd_install', '$call')
    writeFileSync(
      join(folder, 'tests.json'),
      JSON.stringify({
        other: {
          ...rejecting,
          expect: tests['file/reads'].expect.slice(1),
          parameters: { file: ['/a'], call: ['do_exit'] },
        },
      }),
    )
    writeFileSync(join(folder, 'other.yaml'), policyOfParameters)
    const outcome = run('run', 'other')
    await send('/a', 1)
    const { out, code } = await outcome
    writeFileSync(join(folder, 'tests.json'), JSON.stringify(tests))
    assert.match(out, /^FAILED +other .*\n {8}an event matches process_kprobe.*"\/a"\n$/)
    assert.equal(code, 1)
    const [{ yaml }] = agent.requestsOf('AddTracingPolicy') as { yaml: string }[]
    assert.match(yaml, /call: do_exit\n/)
  })

  it('lists tests and shows their policies', async () => {
    const { out } = await run('list', '--list-params')
    assert.match(out, /^file\/reads {3}a file is read {3}file=\/a\|\/b"\n$/)
    assert.match((await run('dump-policy', 'file/reads')).out, /name: policytest-reads\n/)
  })

  it('reports errors in a command line or a file', async () => {
    const cases: [string[], RegExp, number][] = [
      [['run'], /NAME is missing; --all-tests runs all/, 2],
      [['run', 'file/read'], /unknown test "file\/read"; did you mean "file\/reads"/, 2],
      [['run', 'file/reads', '--set-param', 'x'], /invalid value "x"/, 2],
      [['run', 'file/reads', '--set-param', 'x=1'], /none of the tests has a parameter "x"/, 2],
    ]
    for (const [argv, message, code] of cases) {
      const outcome = await run(...argv)
      assert.match(outcome.err, message)
      assert.equal(outcome.code, code)
    }
    const nowhere = await runTetra(['pt', 'list', '--policies', '/nowhere'])
    assert.match(nowhere.err, /read tests of policies: \/nowhere\/tests.json: ENOENT/)
    for (const text of ['{', '{"a": {}}', '{"a": {"trigger": "x", "expect": [1]}}', 'null']) {
      writeFileSync(join(folder, 'tests.json'), text)
      assert.equal((await run('list')).code, 1, text)
    }
  })
})

it('the tests of the library are valid', async () => {
  for (const test of await readPolicyTests('')) {
    for (const values of allValues(test)) {
      const { name, yaml } = await policyOf(test, false, { ...values, FOLDER: '/tmp/folder' })
      assert.deepEqual(readPolicies(yaml, name).diagnostics, [])
      assert.doesNotMatch(yaml, /\$[A-Za-z]/)
    }
  }
})
