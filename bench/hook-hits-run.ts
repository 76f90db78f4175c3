// Runs on this host: `hook-hits-run COUNT`. Loads policies one after the other, with the agent
// inside this process, triggers their hooks COUNT times in each situation, and prints the time of a
// hit of each program as one line of JSON after the marker.

import { execFile } from 'node:child_process'
import { copyFileSync, rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { Agent, readPolicyFiles } from '@tetragon-ts/agent'
import { agentOptionsOf } from '@tetragon-ts/agent/config'
import { Collection } from '@tetragon-ts/ebpf/collection'
import { program, rawTracepoint } from '@tetragon-ts/ebpf/lang'
import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import { workload } from '@tetragon-ts/test/workloads'
import { type Hit, hitMarker, type Situation, situations } from './hook-situations.ts'
import { type HeldProgram, programsOf } from './kernel-objects.ts'
import { WorkFiles } from './work-files.ts'

const execute = promisify(execFile)
const count = Number(process.argv[2] ?? 20_000)
const empty = 'tg_bench_empty'
/** Programs that belong to no policy. */
const others = /^tg_(exec|fork|exit|running|members)/

using files = new WorkFiles()
const file = files.path('events.json')
const noop = files.path('noop')
copyFileSync(await workload('noop'), noop)
const where = ['--export-filename', file, '--pid-file', files.path('agent.pid')]
const agent = await Agent.start(agentOptionsOf([...where, '--tracing-policy-dir', '']))
const policies = await agent.policies()
using bare = new Collection()
bare.attach(program(empty, rawTracepoint('sys_enter'), () => {}))
using _statistics = enableRunStats()
const hits: Hit[] = []
for (const situation of situations) {
  const [document] = readPolicyFiles(situation.policy)
  const loaded = await policies.add(document)
  const before = programsOf(process.pid)
  await operate(situation)
  hits.push({ situation, programs: difference(before, programsOf(process.pid)) })
  await policies.remove(loaded)
  rmSync(file, { force: true })
}
await agent.stop()
console.log(`${hitMarker}${JSON.stringify(hits)}`)

/** This process makes negligibly few other system calls during that time. */
async function operate({ operation }: Situation): Promise<void> {
  if (operation[0] === 'getpid') {
    await execute(await workload('syscall-loop'), [String(50 * count)])
    return
  }
  const args = operation.map((word) => (word === 'NOOP' ? noop : word))
  await execute(await workload('hook-loop'), [String(count), ...args])
}

/** Programs that ran often enough to be those of the operation. */
function difference(before: readonly HeldProgram[], after: readonly HeldProgram[]) {
  const earlier = sums(before)
  return [...sums(after)].flatMap(([name, { runs, ns }]) => {
    const known = earlier.get(name) ?? { runs: 0, ns: 0 }
    const more = runs - known.runs
    if (more < count / 2 || others.test(name)) return []
    return [{ name, isEmpty: name === empty, hits: more, ns: (ns - known.ns) / more }]
  })
}

function sums(programs: readonly HeldProgram[]): Map<string, { runs: number; ns: number }> {
  const found = new Map<string, { runs: number; ns: number }>()
  for (const { name, runCount, runTimeNs } of programs) {
    const { runs, ns } = found.get(name) ?? { runs: 0, ns: 0 }
    found.set(name, { runs: runs + runCount, ns: ns + runTimeNs })
  }
  return found
}
