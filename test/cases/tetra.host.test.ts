import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { RunningAgent } from '@tetragon-ts/agent/testing'
import type { GetInfoResponse } from '@tetragon-ts/api'

// The command line with a real agent, for commands that depend on the kernel.

const program = fileURLToPath(new URL('../../../packages/tetra/bin/tetra.js', import.meta.url))

const policy = (name: string) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
spec:
  tracepoints:
    - subsystem: raw_syscalls
      event: sys_enter
      args:
        - index: 4
          type: syscall64
      selectors:
        - matchArgs:
            - index: 4
              operator: Equal
              values: ["107"]
`

let agent: RunningAgent
before(async () => {
  agent = await RunningAgent.start()
  for (let i = 0; i < 1000 && !agent.stderr.includes('serving on'); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
})
after(() => agent.remove())

async function tetra(...argv: string[]): Promise<{ out: string; err: string; code: number }> {
  const address = `unix://${join(agent.folder, 'tetragon.sock')}`
  const child = spawn(process.execPath, [program, '--server-address', address, ...argv])
  child.stdin.end()
  const exit = once(child, 'exit')
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await exit) as [number]
  return { out, err, code }
}

describe('tetra', () => {
  it('shows what the agent was built from, and its settings', async () => {
    const { out, code } = await tetra('info')
    assert.equal(code, 0)
    const { build, conf = [] } = JSON.parse(out) as GetInfoResponse
    assert.equal(build?.go_version, `node ${process.version}`)
    // Nothing is known about sources outside of a git repository, everything otherwise.
    const { commit = '', time = '', modified = '' } = build ?? {}
    assert.match(`${commit} ${time} ${modified}`, /^( |[0-9a-f]{40} \S+Z (true|false))$/)
    const value = (name: string) => conf.find(({ key }) => key === name)?.value
    const google = 'type.googleapis.com/google.protobuf'
    assert.deepEqual(value('verbose'), { '@type': `${google}.Int64Value`, value: '1' })
    assert.deepEqual(value('debug'), { '@type': `${google}.BoolValue`, value: false })
  })

  it('shows who descends from whom', async () => {
    const { out, code } = await tetra('tree', '-p', String(process.pid))
    assert.equal(code, 0)
    const [first, ...rest] = out.split('\n')
    assert.match(first, new RegExp(`^${process.pid} `))
    assert.ok(
      rest.some((line) => line.includes(`/node`) && line.includes('tetra.js')),
      out,
    )
  })

  it('counts what processes do while agent and policies are at work', async () => {
    const file = join(agent.folder, 'policy.yaml')
    writeFileSync(file, policy('watch-geteuid'))
    assert.equal((await tetra('tp', 'add', file)).err, '')
    const busy = spawn('/bin/sh', ['-c', 'while :; do /bin/true; done'])
    try {
      const { out, err, code } = await tetra('top', '--once', '-o', 'json')
      assert.deepEqual([err, code], ['', 0])
      const { processes, syscallsError, uncountedSyscalls } = JSON.parse(out)
      assert.deepEqual([syscallsError, uncountedSyscalls], ['', 0])
      const shell = processes.find(({ pid }: { pid: number }) => pid === busy.pid)
      const names = shell.syscalls.map(({ name }: { name: string }) => name)
      assert.ok(names.includes('wait4'), names.join(' '))
      assert.match(shell.binary, /sh$/)
      const events = processes.flatMap((each: { events: { name: string }[] }) => each.events)
      assert.ok(events.some(({ name }: { name: string }) => name === 'process_exec'))
    } finally {
      busy.kill('SIGKILL')
    }
    // No client is left, so nothing is counted.
    const { out } = await tetra('debug', 'progs', '--once')
    assert.doesNotMatch(out, /tg_count_calls/)
    assert.match(out, /tg_exec/)
  })

  it('compares policies of files with those that run', async () => {
    const file = join(agent.folder, 'other.yaml')
    writeFileSync(file, policy('watch-geteuid'))
    assert.deepEqual(await tetra('tp', 'diff', file, '--all'), { out: '', err: '', code: 0 })
    writeFileSync(file, policy('watch-geteuid').replace('"107"', '"102"'))
    const { out, code } = await tetra('tp', 'diff', file)
    assert.equal(code, 1)
    assert.match(
      out,
      /- spec.tracepoints\[0\].selectors\[0\].matchArgs\[0\].values\[0\]: 107\n\+ .*: 102\n/,
    )
  })

  it('tries a policy', async () => {
    const { out, code } = await tetra('policytest', 'run', 'privilege/namespaces')
    assert.match(out, /^ok +privilege\/namespaces /)
    assert.equal(code, 0)
  })

  it('shows what the agent has in the kernel', async () => {
    const maps = await tetra('debug', 'maps', '-o', 'json')
    const names = JSON.parse(maps.out).maps.map(({ name }: { name: string }) => name)
    assert.ok(names.includes('tg_events') && names.includes('tg_processes'), names.join(' '))
    const table = await tetra('debug', 'dump', 'execve')
    assert.ok(table.out.split('\n').some((line) => JSON.parse(line || '{}').pid === process.pid))
    assert.match((await tetra('debug', 'dump', 'errmetrics')).out, /table_full +0\n/)
    assert.equal(spawnSync('kill', ['-0', String(agent.pid)]).status, 0)
  })
})
