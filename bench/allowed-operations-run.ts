// `allowed-operations-run ROUNDS COUNT`: measures allowed operations without and with policies that
// stop others, with the agent inside this process, and prints the results as one line of JSON.

import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { Agent, readPolicyFiles } from '@tetragon-ts/agent'
import { agentOptionsOf } from '@tetragon-ts/agent/config'
import { workload } from '@tetragon-ts/test/workloads'
import type { AllowedOperations } from './allowed-operations.ts'
import { WorkFiles } from './work-files.ts'

const execute = promisify(execFile)
const [rounds = 5, count = 1000] = process.argv.slice(2).map(Number)
const loop = await workload('hook-loop')
using files = new WorkFiles()
const [named, elsewhere] = ['named', 'elsewhere'].map((name) => files.path(`${name}/two/file`))
for (const path of [named, elsewhere]) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '')
}
const thousand = Array.from({ length: 1000 }, (_, i) => i)
const others = JSON.stringify(thousand.map((i) => `${dirname(named)}/other-${i}`))
const programs = JSON.stringify([...thousand.slice(1).map((i) => `/opt/program-${i}`), loop])
const addresses = JSON.stringify(thousand.map((i) => `192.0.${i >> 8}.${i & 255}`))

const policyOf = (
  call: string,
  argument: string,
  selector: string,
  action: string,
  method = '',
) => `
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: bench}
spec:
  options: [${method && `{name: override-method, value: ${method}}`}]
  kprobes:
  - call: ${call}
    syscall: false
    args: [${argument}]
    selectors:
    - ${selector}
      matchActions: [{action: NoPost}, {action: ${action}}]
`
const refuse = 'Override, argError: -1'
const file = '{index: 0, type: file}'
const equal = `matchArgs: [{index: 0, operator: Equal, values: ${others}}]`
const open = 'security_file_open'

/** Each with an operation: arguments of the workload hook-loop. */
const cases: readonly { name: string; policy: string; args: readonly string[] }[] = [
  {
    name: 'open, signal, 1,000 files',
    policy: policyOf(open, file, equal, 'Sigkill'),
    args: ['open', named],
  },
  {
    name: 'open, signal, all but 1,000 programs',
    policy: policyOf(
      ...([open, file] as const),
      `matchBinaries: [{operator: NotIn, values: ${programs}}]`,
      'Sigkill',
    ),
    args: ['open', named],
  },
  {
    name: 'connect, cgroup, 1,000 addresses',
    policy: policyOf(
      ...(['security_socket_connect', '{index: 1, type: sockaddr}'] as const),
      `matchArgs: [{index: 1, operator: SAddr, values: ${addresses}}]`,
      ...([refuse, 'cgroup'] as const),
    ),
    args: ['connect'],
  },
  {
    name: 'connect, cgroup, packets to 1,000 addresses',
    policy: policyOf(
      ...(['ip_finish_output', '{index: 2, type: skb}'] as const),
      `matchArgs: [{index: 2, operator: DAddr, values: ${addresses}}]`,
      ...([refuse, 'cgroup'] as const),
    ),
    args: ['connect'],
  },
  {
    name: 'open in a named folder, fanotify, 1,000 files',
    policy: policyOf(open, file, equal, refuse, 'fanotify'),
    args: ['open', named],
  },
  {
    name: 'open in another folder, fanotify, 1,000 files',
    policy: policyOf(open, file, equal, refuse, 'fanotify'),
    args: ['open', elsewhere],
  },
]

async function measure(args: readonly string[]): Promise<number> {
  const { stdout } = await execute(loop, [String(count), ...args])
  return (JSON.parse(stdout) as { wallNs: number }).wallNs / 1000
}

const where = ['--export-filename', files.path('events.json'), '--pid-file', files.path('pid')]
const agent = await Agent.start(agentOptionsOf([...where, '--tracing-policy-dir', '']))
const policies = await agent.policies()
const results: AllowedOperations = Object.fromEntries(cases.map(({ name }) => [name, []]))
for (let round = 0; round < rounds; round++) {
  for (const { name, policy, args } of cases) {
    const path = files.path('policy.yaml')
    writeFileSync(path, policy)
    const without = await measure(args)
    const loaded = await policies.add(readPolicyFiles(path)[0])
    results[name].push({ without, with: await measure(args) })
    await policies.remove(loaded)
  }
}
await agent.stop()
console.log(JSON.stringify(results))
