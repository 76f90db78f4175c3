import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TracingPolicyStatus } from '@tetragon-ts/api'
import { heldBy, makeTestFolder, RunningAgent, waitUntilGone } from '../testing/index.ts'
import { TestClient } from '../testing/test-client.ts'
import { until } from '../testing/until.ts'

// Policies of agents that are started as users start them: concurrent changes, signals, crashes.

/** Emulated processors take seconds to start an agent, and 0.2 s to load a policy. */
const isEmulated = process.env.TETRAGON_TEST_KERNEL !== undefined
/** How often an agent is killed; configurable. */
const kills = Number(process.env.TETRAGON_TEST_KILLS ?? (isEmulated ? 2 : 4))
const addsOfClient = isEmulated ? 3 : 30
const names = Array.from({ length: 8 }, (_, i) => `p${i}`)
/** The text of a policy, identified by its call. */
const calls = ['sys_chdir', 'sys_fchdir'] as const
type Call = (typeof calls)[number]

const policy = (name: string, call: Call) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: ${name}
spec:
  options: [{name: policy-mode, value: monitor}]
  kprobes:
  - call: ${call}
    syscall: true
    selectors:
    - matchActions: [{action: Sigkill}]
      matchPIDs: [{operator: In, values: [1]}]
`

async function connect(agent: RunningAgent): Promise<TestClient> {
  const serving = () => /serving on (\S*)/.exec(agent.stderr)
  await until('the server', () => serving() !== null || agent.child.exitCode !== null)
  assert.equal(agent.child.exitCode, null, agent.stderr)
  return new TestClient(serving()?.[1].replace('unix://', 'unix:') ?? '')
}

async function list(client: TestClient): Promise<TracingPolicyStatus[]> {
  const { policies } = (await client.call('ListTracingPolicies')) as {
    policies?: TracingPolicyStatus[]
  }
  return policies ?? []
}

/** Observable state of a policy: its call if it is enabled, that it is disabled, or nothing. */
function shown({ state, mode, hook_statuses }: TracingPolicyStatus): string {
  const call = hook_statuses?.[0]?.hook_description?.split(' ')[0] ?? ''
  return [String(state).replace('TP_STATE_', ''), mode, call].join(' ').trim()
}

describe('policies of a running agent', () => {
  let folder: string
  before(() => {
    folder = makeTestFolder()
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('are read again from their folder on SIGHUP', async () => {
    const policies = join(folder, 'tp.d')
    mkdirSync(policies)
    writeFileSync(join(policies, 'a.yaml'), policy('a', 'sys_chdir'))
    writeFileSync(join(policies, 'b.yaml'), policy('b', 'sys_chdir'))
    const agent = await RunningAgent.start('--tracing-policy-dir', policies)
    const client = await connect(agent)
    writeFileSync(join(policies, 'a.yaml'), policy('a', 'sys_fchdir'))
    rmSync(join(policies, 'b.yaml'))
    writeFileSync(join(policies, 'c.yaml'), policy('c', 'sys_chdir'))
    agent.child.kill('SIGHUP')
    await until('the folder', () => /reloaded: 1 added, 1 replaced, 1 removed/.test(agent.stderr))
    const mode = 'TP_MODE_MONITOR'
    const seen = (await list(client)).map((each) => `${each.domain} ${each.name} ${shown(each)}`)
    assert.deepEqual(seen, [
      `static a ENABLED ${mode} sys_fchdir`,
      `static c ENABLED ${mode} sys_chdir`,
    ])
    client.close()
    await agent.remove()
  })

  it('are added by ten clients at once', async () => {
    const agent = await RunningAgent.start()
    const first = await connect(agent)
    const clients = [first, ...(await Promise.all(Array.from({ length: 9 }, () => connect(agent))))]
    const watch = (name: string) => `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: ${name}}
spec:
  tracepoints:
  - {subsystem: cgroup, event: cgroup_rename, raw: true}
`
    const adds = clients.flatMap((client, i) =>
      Array.from({ length: addsOfClient }, (_, j) => {
        return client.call('AddTracingPolicy', { yaml: watch(`p${i}-${j}`) })
      }),
    )
    await Promise.all(adds)
    const states = (await list(first)).map(({ state }) => state)
    assert.deepEqual([states.length, ...new Set(states)], [adds.length, 'TP_STATE_ENABLED'])
    const held = heldBy(agent.pid)
    for (const client of clients) client.close()
    await agent.stop()
    await waitUntilGone(held)
    await agent.remove()
  })

  it(`that are stored are consistent after each of ${kills} kills at any moment`, async () => {
    const pidFile = join(folder, 'kept', 'pid')
    const launch = () => RunningAgent.launch('--pid-file', pidFile, '--persist-grpc-policies')
    /** Possible states of each policy after the restart. */
    const possible = new Map<string, ReadonlySet<string>>(
      names.map((name) => [name, new Set([''])]),
    )
    for (let round = 0; round <= kills; round++) {
      const agent = launch()
      const client = await connect(agent)
      const seen = new Map((await list(client)).map((each) => [each.name, shown(each)]))
      for (const name of names) {
        const now = seen.get(name) ?? ''
        const allowed = possible.get(name) as ReadonlySet<string>
        const isAllowed = allowed.has(now)
        assert.ok(isAllowed, `${name} is '${now}', not one of '${[...allowed].join("', '")}'`)
        possible.set(name, new Set([now]))
      }
      if (round === kills) {
        client.close()
        await agent.stop()
        await agent.remove()
        break
      }
      let isKilled = false
      const changes = names.map(async (name) => {
        let now = seen.get(name) ?? ''
        while (!isKilled) {
          const step = nextStep(name, now)
          possible.set(name, new Set([now, step.result]))
          try {
            await client.call(step.procedure, step.request)
          } catch (error) {
            if (!isKilled) throw error
            return
          }
          now = step.result
          possible.set(name, new Set([now]))
        }
      })
      await sleep(Math.random() * 300)
      const held = heldBy(agent.pid)
      isKilled = true
      assert.equal((await agent.stop('SIGKILL')).signal, 'SIGKILL')
      await Promise.all(changes)
      client.close()
      await agent.remove()
      await waitUntilGone(held)
    }
    assert.deepEqual(readdirSync(join(folder, 'kept')), ['grpc-policies'])
    const kept = readdirSync(join(folder, 'kept', 'grpc-policies'))
    const last = names.filter((name) => !possible.get(name)?.has(''))
    assert.deepEqual(
      kept,
      last.map((name) => `grpc%2F%2F${name}.yaml`),
    )
    assert.ok(!existsSync(pidFile))
  })
})

interface NextStep {
  readonly procedure: Parameters<TestClient['call']>[0]
  readonly request: object
  /** The observable state of the policy afterwards. */
  readonly result: string
}

/** A random step for the current state of a policy. */
function nextStep(name: string, now: string): NextStep {
  const call = calls[Math.floor(Math.random() * calls.length)]
  const yaml = policy(name, call)
  const [state, mode = 'TP_MODE_MONITOR', current] = now.split(' ')
  if (state === '') {
    const result = `ENABLED TP_MODE_MONITOR ${call}`
    return { procedure: 'AddTracingPolicy', request: { yaml }, result }
  }
  const steps: NextStep[] = [
    { procedure: 'DeleteTracingPolicy', request: { name }, result: '' },
    ...(state === 'ENABLED'
      ? ([
          {
            procedure: 'AddTracingPolicy',
            request: { yaml, replace: true },
            result: `ENABLED ${mode} ${call}`,
          },
          {
            procedure: 'ConfigureTracingPolicy',
            request: { name, enable: false },
            result: `DISABLED ${mode}`,
          },
          {
            procedure: 'ConfigureTracingPolicy',
            request: { name, mode: 'TP_MODE_MONITOR' },
            result: `ENABLED TP_MODE_MONITOR ${current}`,
          },
        ] as const)
      : []),
  ]
  return steps[Math.floor(Math.random() * steps.length)]
}
