import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { RunningAgent, repeats } from '@tetragon-ts/agent/testing'
import { type GetEventsResponse, parseEvent } from '@tetragon-ts/api'
import { workload } from '@tetragon-ts/test/workloads'

const versionOne = '/sys/fs/cgroup/memory'
const mount = existsSync(join(versionOne, 'cgroup.procs')) ? versionOne : '/sys/fs/cgroup'
/**
 * Forks, execs and exits in 10 seconds: more than the tests cause besides the flood, and far fewer
 * than the flood, which is slow on an emulated processor of a busy machine.
 */
const rate = repeats(300, 80)
const flood = repeats(1000, 400)
const stopLimitMs = 30_000

let agent: RunningAgent
let loop: string
let noop: string
const group = `busy-${process.pid}`
before(async () => {
  loop = await workload('exec-loop')
  noop = await workload('noop')
  mkdirSync(join(mount, group))
  agent = await RunningAgent.start('--cgroup-rate', `${rate},10s`)
})
after(async () => {
  await agent?.remove()
  rmdirSync(join(mount, group))
})

/** Runs a script in the group. */
function inGroup(script: string): void {
  const join = `echo $$ > "$0/cgroup.procs"; ${script}`
  const { stderr, status } = spawnSync('/bin/sh', ['-ec', join, `${mount}/${group}`, loop, noop])
  assert.equal(stderr.toString(), '')
  assert.equal(status, 0)
}

/** Throttle events of all control groups, and of the one of the test. */
function throttles() {
  const lines = readFileSync(agent.exportFile, 'utf8').trimEnd().split('\n')
  return lines
    .map((line) => parseEvent(line))
    .map((parsed) => (parsed.ok ? parsed.event.response : {}) as GetEventsResponse)
    .filter(({ process_throttle: throttle }) => throttle?.cgroup === group)
}

function executions(argument: string, events: Awaited<ReturnType<RunningAgent['events']>>) {
  return events.filter((event) => event.kind === 'exec' && event.process.arguments === argument)
}

describe('a control group with too many events', () => {
  it('is reported once, and only its events are omitted', async () => {
    // Events that follow immediately are left out too.
    inGroup(`"$1" ${flood} 1 "$2" 7; "$2" 0 left-out`)
    const events = await agent.events()
    const told = executions('7', events).length
    assert.ok(told > 0 && told <= rate / 2, `${told} executions were told`)
    const [start, ...more] = throttles()
    assert.deepEqual(more, [])
    assert.deepEqual(start.process_throttle, { type: 'THROTTLE_START', cgroup: group })
    assert.ok(start.node_name)
    for (let i = 0; i < 3; i++) spawnSync(noop, ['0'])
    const others = executions('0', await agent.events())
    assert.equal(others.length, 3)
    // A reported process whose exit was omitted does not count as alive.
    const exits = events.filter((event) => event.kind === 'exit' && event.process.arguments === '7')
    assert.ok(exits.length <= told)
  })

  it('is reported again when it keeps to the rate', async () => {
    const deadline = performance.now() + stopLimitMs
    while (throttles().length < 2 && performance.now() < deadline) await sleep(50)
    const [start, stop, ...more] = throttles()
    assert.deepEqual(more, [])
    assert.deepEqual(stop?.process_throttle, { type: 'THROTTLE_STOP', cgroup: group })
    const quiet = Date.parse(stop.time ?? '') - Date.parse(start.time ?? '')
    assert.ok(quiet >= 5000, `${quiet} ms`)
    inGroup('"$2" 0 told-again')
    const events = await agent.events()
    assert.equal(executions('0 left-out', events).length, 0)
    const [again] = executions('0 told-again', events)
    assert.equal(again.process.binary, noop)
    assert.equal(again.parent?.binary, '/bin/sh')
    const ends = events.filter((event) => event.process.exec_id === again.process.exec_id)
    assert.equal(ends.at(-1)?.kind, 'exit')
  })
})
