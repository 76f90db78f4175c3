import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { workload } from './index.ts'

function runJson(program: string, ...args: string[]): Record<string, number> {
  const result = spawnSync(program, args)
  assert.equal(result.status, 0, result.stderr.toString())
  return JSON.parse(result.stdout.toString()) as Record<string, number>
}

describe('workloads', () => {
  it('noop exits with the status it is given', async () => {
    const noop = await workload('noop')
    assert.equal(spawnSync(noop).status, 0)
    assert.equal(spawnSync(noop, ['42']).status, 42)
  })

  it('exec-loop executes a program as often as asked for', async () => {
    const [loop, noop] = [await workload('exec-loop'), await workload('noop')]
    const result = runJson(loop, '7', '2', noop)
    assert.deepEqual([result.execs, result.parallel, result.failed], [7, 2, 0])
    assert.equal(result.meanUs, Math.round(result.totalNs / 7) / 1000)
    assert.equal(runJson(loop, '5', '3', noop, '1').failed, 5)
  })

  it('exec-loop says when a program cannot be executed', async () => {
    const result = spawnSync(await workload('exec-loop'), ['1', '1', '/no/such/program'])
    assert.equal(result.status, 1)
    assert.match(result.stderr.toString(), /execute \/no\/such\/program: No such file/)
    assert.equal(result.stdout.toString(), '')
  })

  it('syscall-loop and file-loop measure their calls', async () => {
    const calls = runJson(await workload('syscall-loop'), '1000')
    assert.ok(calls.calls === 1000 && calls.nsPerCall > 0)
    const rounds = runJson(await workload('file-loop'), '100', '/proc/self/stat')
    assert.ok(rounds.rounds === 100 && rounds.nsPerRound > 0 && rounds.denied === 0)
  })

  it('file-loop fails on a file that is not there', async () => {
    assert.equal(spawnSync(await workload('file-loop'), ['1', '/no/such/file']).status, 1)
  })
})
