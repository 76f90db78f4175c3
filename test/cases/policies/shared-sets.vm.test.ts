import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PolicyRun } from '@tetragon-ts/agent/testing'
import { workload } from '@tetragon-ts/test/workloads'

// Not covered by single cases: several policies at once, requests to servers.

/** No other process uses this file descriptor, of which there is none. */
const descriptor = `-${process.pid}`
const call = ['try', 'lseek', descriptor, '5', '0'] as const

function policy(name: string, selector: string): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
spec:
  kprobes:
  - call: sys_lseek
    syscall: true
    args: [{index: 0, type: int}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["${descriptor}"]}]
${selector.replace(/^/gm, '      ')}
`
}

describe('what policies share', () => {
  let run: PolicyRun
  let trigger: string
  before(async () => {
    trigger = await workload('trigger')
    run = await PolicyRun.start()
  })
  after(() => run?.stop())

  const names = (events: readonly { readonly body: object }[]): unknown[] =>
    events.map(({ body }) => (body as { policy_name?: string }).policy_name).sort()

  it('one set of processes serves equal conditions, until the last policy goes', async () => {
    const wanted = join(run.folder, 'wanted')
    copyFileSync(trigger, wanted)
    const selector = `matchBinaries: [{operator: In, values: ["${wanted}"]}]`
    const policies = await run.agent.policies()
    const { processSets } = policies
    const first = await run.load(policy('first', selector))
    const alone = policies.memoryOf(first)
    const second = await run.load(policy('second', selector))
    assert.equal(processSets.size, 1)
    // Its memory is divided among its users.
    const shared = policies.memoryOf(first)
    assert.ok(shared < alone, `${shared} of ${alone} bytes`)
    const hit = () => run.finish(run.spawn(wanted, call))
    assert.deepEqual(names(await hit()), ['first', 'second'])
    await run.unload(first)
    assert.ok(policies.memoryOf(second) > shared)
    assert.deepEqual(names(await hit()), ['second'])
    await run.unload(second)
    assert.deepEqual(await hit(), [])
    assert.equal(processSets.size, 0)
  })

  it('GetUrl and DnsLookup happen when the event is written', async (t) => {
    const paths: unknown[] = []
    const server = createServer((request, response) => {
      paths.push(request.url)
      response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    t.after(() => server.close())
    const { port } = server.address() as AddressInfo
    const actions = [
      `{action: GetUrl, argUrl: "http://127.0.0.1:${port}/hit"}`,
      '{action: DnsLookup, argFqdn: localhost}',
    ]
    const loaded = await run.load(policy('asks', `matchActions: [${actions.join(', ')}]`))
    const [event, ...others] = await run.finish(run.spawn(trigger, call))
    assert.deepEqual(others, [])
    assert.equal((event.body as { action?: string }).action, 'KPROBE_ACTION_DNSLOOKUP')
    const { requests } = await run.agent.policies()
    while (requests.made < 2) await sleep(5)
    assert.deepEqual(paths, ['/hit'])
    await run.unload(loaded)
    // The same if the return value decides.
    const late = `matchReturnArgs: [{operator: LT, values: ["0"]}]
matchReturnActions: [{action: GetUrl, argUrl: "http://127.0.0.1:${port}/failed"}]`
    const returns = 'return: true\n    returnArg: {type: int}\n    args:'
    const asks = await run.load(policy('asks', late).replace('args:', returns))
    await run.finish(run.spawn(trigger, call))
    while (requests.made < 3) await sleep(5)
    assert.deepEqual(paths, ['/hit', '/failed'])
    await run.unload(asks)
  })
})
