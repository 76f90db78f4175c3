import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, it } from 'node:test'
import { runTetra } from '../../testing/run-tetra.ts'
import { TestAgent } from '../../testing/test-agent.ts'

const folder = mkdtempSync(join(tmpdir(), 'tetra-debug-'))
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
  runTetra([...argv, '--server-address', `unix://${agent.path}`, '--retries', '0'])
const cells = (line: string) => line.trim().split(/ {3,}/)

describe('debug', () => {
  it('shows maps, the largest first', async () => {
    const map = (id: number, memory_bytes: number) => {
      return { id, name: `map\x1b${id}`, type: 'hash', key_bytes: 4, memory_bytes, policy: 'one' }
    }
    agent.answer('GetMaps', { maps: [map(1, 5), map(2, 5_000_000), map(3, 50)] })
    const { out } = await run('debug', 'maps', '-n', '2')
    const [head, first, second, total] = out.split('\n')
    assert.deepEqual(cells(head).slice(0, 4), ['ID', 'NAME', 'TYPE', 'POLICY'])
    assert.deepEqual(cells(first), ['2', 'map\\x1b2', 'hash', 'one', '4', '0', '0', '5.00 MB'])
    assert.equal(cells(second)[0], '3')
    assert.equal(total, '3 maps, 5.00 MB')
    assert.equal(JSON.parse((await run('debug', 'maps', '-o', 'json')).out).maps.length, 3)
    for (const argv of [
      ['-n', 'x'],
      ['--path', '/sys/fs/bpf'],
    ]) {
      assert.equal((await run('debug', 'maps', ...argv)).code, 2)
    }
  })

  it('shows statistics of programs since the last snapshot', async () => {
    const program = (id: number, run_count: number, run_time_ns: number) => {
      return { id, name: `p${id}`, type: 'tracing', instructions: 10, run_count, run_time_ns }
    }
    const programs = [program(1, 100, 1000), program(2, 1, 1)]
    const later = { elapsed: '2s', programs: [program(1, 100, 1000), program(2, 21, 2_000_001)] }
    agent.answerWatch('WatchPrograms', { programs }, later)
    for (const name of ['progs', 'top']) {
      const { out } = await run('debug', name, '--once', '--timeout', '2')
      const [, first, second] = out.split('\n').map(cells)
      assert.deepEqual(first, ['2', 'p2', 'tracing', '10', '10', '100000', '0.10', '0'])
      assert.deepEqual(second, ['1', 'p1', 'tracing', '10', '0', '-', '0.00', '0'])
    }
    assert.deepEqual(agent.requestsOf('WatchPrograms')[0], { interval: '2s' })
    for (const argv of [['--timeout', 'x'], ['--all']]) {
      assert.equal((await run('debug', 'progs', ...argv)).code, 2)
    }
  })

  it('dumps the process table and losses', async () => {
    agent.answer('GetProcessTable', { entries: [{ pid: 1, ktime_ns: '7' }], max_entries: 9 })
    for (const path of [['debug', 'dump'], ['dump']]) {
      assert.equal((await run(...path, 'execve')).out, '{"pid":1,"ktime_ns":"7"}\n')
    }
    agent.answer('GetLosses', { losses: { exec: 3, fork: 0 } })
    const { out } = await run('debug', 'dump', 'errmetrics')
    assert.deepEqual(out.split('\n').map(cells), [
      ['LOSS', 'COUNT'],
      ['exec', '3'],
      ['fork', '0'],
      [''],
    ])
    const json = await run('dump', 'errmetrics', '-o', 'json')
    assert.deepEqual(JSON.parse(json.out), { losses: { exec: '3', fork: '0' } })
    assert.equal((await run('dump', 'execve', '--map-fname', 'x')).code, 2)
  })
})

describe('commands without function here', () => {
  it('says why', async () => {
    for (const argv of [
      ['dump', 'policyfilter'],
      ['policyfilter', 'dump'],
      ['policyfilter', 'add', '1', '/x', '--arg-type', 'file'],
      ['cgtracker', 'dump'],
      ['cgtracker', 'add', '/x'],
      ['sensors', 'list'],
      ['sensors', 'rm', 'x'],
    ]) {
      const { out, err, code } = await run(...argv)
      assert.deepEqual([out, code], ['', 1], argv.join(' '))
      assert.match(
        err,
        /^tetra: [^\n]*: [^\n]*(agent (has|keeps|decides) .*(table|group)|deprecated)[^\n]*\n$/,
      )
    }
  })

  it('include rthooks create-container, which tells the agent', async () => {
    assert.equal(
      (await run('rthooks', 'create-container', '--container-id', 'c', '--annotations', 'a=b'))
        .code,
      0,
    )
    assert.deepEqual(agent.requestsOf('RuntimeHook'), [
      { createContainer: { containerID: 'c', annotations: { a: 'b' } } },
    ])
    assert.equal((await run('rthooks', 'create-container')).code, 2)
  })

  it('is done here where it can be', async () => {
    const { out } = await run('policyfilter', 'cgroupid', folder)
    assert.equal(out, `${statSync(folder).ino}\n`)
    assert.equal((await run('policyfilter', 'cgroupid', '/nowhere')).code, 1)
  })
})
