// `refused-operations-run ROUNDS ATTEMPTS THREADS`: a process repeats a connection that policies
// refuse, with the agent inside this process. Prints the results as one line of JSON.

import { execFile } from 'node:child_process'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { Agent, readPolicyFiles } from '@tetragon-ts/agent'
import { agentOptionsOf } from '@tetragon-ts/agent/config'
import { workload } from '@tetragon-ts/test/workloads'
import type { RefusedOperations, Storm } from './refused-operations.ts'
import { WorkFiles } from './work-files.ts'

const execute = promisify(execFile)
const [rounds = 5, attempts = 200_000, threads = 8] = process.argv.slice(2).map(Number)
/** No other process connects to it. */
const port = 9
const attack = await workload('attack')
using files = new WorkFiles()
const [exported, policy] = [files.path('events.json'), files.path('policy.yaml')]

const refusing = (actions: string, options = '') => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: bench}
spec:
  options: [{name: override-method, value: cgroup}${options}]
  kprobes:
  - call: security_socket_connect
    syscall: false
    args: [{index: 1, type: sockaddr}]
    selectors:
    - matchArgs: [{index: 1, operator: SPort, values: ["${port}"]}]
      matchActions: [${actions}{action: Override, argError: -1}]
`
const cases: Readonly<Record<string, string>> = {
  'not posted (NoPost)': refusing('{action: NoPost}, '),
  'an event each (equal-refusals: post)': refusing('', ', {name: equal-refusals, value: post}'),
  'counted (the default)': refusing(''),
}

const where = ['--export-filename', exported, '--pid-file', files.path('pid')]
const unlimited = ['--export-file-max-size-mb', '1000000', '--tracing-policy-dir', '']
const agent = await Agent.start(agentOptionsOf([...where, ...unlimited]))
const policies = await agent.policies()

async function storm(): Promise<Storm> {
  const lostBefore = agent.losses().hook + agent.counters.get('hooksShed')
  truncateSync(exported)
  writeFileSync(policy, text)
  const loaded = await policies.add(readPolicyFiles(policy)[0])
  const began = performance.now()
  const args = ['connect4', 'thread', attempts, threads, port].map(String)
  const { stdout } = await execute(attack, args)
  const ns = ((performance.now() - began) * 1e6) / attempts
  const { refused } = JSON.parse(stdout) as { refused: Record<string, number> }
  if (refused['1'] !== attempts) throw new Error(`refuse connections: ${stdout}`)
  await policies.remove(loaded)
  // The answer comes after the last event of the policy.
  await agent.reader.totals()
  const lines = readFileSync(exported, 'utf8').split('\n')
  const hits = lines.filter((line) => line.startsWith('{"process_kprobe"'))
  const counts = hits.map((line) => Number(JSON.parse(line).aggregation_info?.count ?? 1))
  const reported = counts.reduce((sum, each) => sum + each, 0)
  const lost = agent.losses().hook + agent.counters.get('hooksShed') - lostBefore
  return { ns, events: hits.length, reported, lost }
}

const results: Record<string, Storm[]> = {}
let text = ''
for (let round = 0; round < rounds; round++) {
  for (const name of Object.keys(cases)) {
    text = cases[name]
    results[name] = [...(results[name] ?? []), await storm()]
  }
}
await agent.stop()
console.log(JSON.stringify(results satisfies RefusedOperations))
