// Runs on this host or inside a virtual machine: `policy-run ROUNDS`. Measures hooked operations
// without and with each policy, with the agent inside this process, and prints the results as one
// line of JSON after the marker.

import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { promisify } from 'node:util'
import { Agent, readPolicyFiles } from '@tetragon-ts/agent'
import { agentOptionsOf } from '@tetragon-ts/agent/config'
import { workload } from '@tetragon-ts/test/workloads'
import { getpidLoop } from './loops.ts'
import {
  type Cost,
  furtherFiles,
  loops,
  type PolicyResults,
  policyFiles,
  policyMarker,
} from './policy-results.ts'
import { WorkFiles } from './work-files.ts'

const execute = promisify(execFile)
const rounds = Number(process.argv[2] ?? 5)
const count = Number(process.argv[3] ?? 2000)

async function measure(): Promise<Record<string, Cost>> {
  const loop = await workload('hook-loop')
  const results: Record<string, Cost> = {}
  for (const { name, args } of loops) {
    const { stdout } = await execute(loop, [String(count), ...args])
    const { wallNs, cpuNs } = JSON.parse(stdout) as { wallNs: number; cpuNs: number }
    results[name] = { wallUs: wallNs / 1000, cpuUs: cpuNs / 1000 }
  }
  const getpidUs = (await getpidLoop(1_000_000)) / 1000
  results.getpid = { wallUs: getpidUs, cpuUs: getpidUs }
  return results
}

using files = new WorkFiles()
const file = files.path('events.json')
const where = ['--export-filename', file, '--pid-file', files.path('agent.pid')]
const agent = await Agent.start(agentOptionsOf([...where, '--tracing-policy-dir', '']))
const policies = await agent.policies()
const results: PolicyResults = { plain: [], policies: [] }
const allFiles = [...policyFiles, ...furtherFiles]
for (const path of allFiles) results.policies.push({ path, loads: [], rounds: [] })
for (let round = 0; round < rounds; round++) {
  results.plain.push(await measure())
  for (const [i, path] of allFiles.entries()) {
    const [document] = readPolicyFiles(path)
    const started = performance.now()
    const loaded = await policies.add(document)
    const loadMs = performance.now() - started
    const maps = [...loaded.collection.maps.entries()].filter(([spec]) => loaded.owns(spec))
    results.policies[i].loads.push({
      ms: loadMs,
      mapBytes: maps.reduce((sum, [, map]) => sum + (map.memory() ?? 0), 0),
      programs: loaded.collection.programs.map((program) => {
        const { instructions, verifiedInstructions } = program.info()
        return { name: program.name, instructions, verifiedInstructions }
      }),
      backends: loaded.compiled.hooks.map(({ planned }) => planned.plan.backend),
    })
    if (policyFiles.includes(path)) results.policies[i].rounds.push(await measure())
    await policies.remove(loaded)
  }
  rmSync(file, { force: true })
  console.log(`round ${round + 1} of ${rounds}`)
}
await agent.stop()
console.log(`${policyMarker}${JSON.stringify(results)}`)
