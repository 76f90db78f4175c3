import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ListTracingPoliciesResponse } from '@tetragon-ts/api'
import { makeTestFolder, RunningAgent } from '../../testing/index.ts'
import { TestClient } from '../../testing/test-client.ts'

const hits = 5000

const policy = (more: string, selector: string) => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: counted}
spec:
  kprobes:
  - call: sys_chdir
    syscall: true
    args: [{index: 0, type: string}]
${more}
    selectors:
    - matchArgs: [{index: 0, operator: Prefix, values: ["/none/other"]}]
    - matchArgs: [{index: 0, operator: Prefix, values: ["/none/posted"]}]
      ${selector}
`
const policies = {
  'at the entry': policy('', ''),
  'at the return, where the result decides': policy(
    '    return: true\n    returnArg: {index: 0, type: int}',
    'matchReturnArgs: [{index: 0, operator: NotEqual, values: ["0"]}]',
  ),
}

/** Calls of one process only: process records would use part of the ring. */
const script = `i=0; while [ $i -lt ${hits} ]; do cd /none/posted; i=$((i + 1)); done 2>/dev/null; :`

describe('records that do not fit into the ring are not counted as posted', () => {
  const folder = makeTestFolder()
  after(() => rmSync(folder, { recursive: true, force: true }))
  let agent: RunningAgent | undefined
  afterEach(() => agent?.remove())

  for (const [where, text] of Object.entries(policies)) {
    it(where, async () => {
      const file = join(folder, 'policy.yaml')
      writeFileSync(file, text)
      const options = ['--tracing-policy-dir', '', '--tracing-policy', file]
      agent = await RunningAgent.start(...options, '--rb-size-total', '64K')
      const socket = join(agent.folder, 'tetragon.sock')
      while (!existsSync(socket)) await sleep(10)
      // Its reader sleeps until the ring is full.
      agent.child.kill('SIGSTOP')
      spawnSync('/bin/sh', ['-c', script])
      agent.child.kill('SIGCONT')
      // The ring has room for the marker of `events` after it was read.
      const { exportFile } = agent
      while (!readFileSync(exportFile, 'utf8').includes('"process_kprobe"')) await sleep(10)
      await agent.events()
      const client = new TestClient(`unix:${socket}`)
      const answer = (await client.call('ListTracingPolicies')) as ListTracingPoliciesResponse
      client.close()
      const counters = answer.policies?.[0]?.stats?.action_counters
      const events = agent.written.lines.filter((line) => line.startsWith('{"process_kprobe"'))
      assert.ok(events.length > 0 && events.length < hits, `${events.length}`)
      assert.equal(Number(counters?.post ?? 0), events.length)
    })
  }
})
