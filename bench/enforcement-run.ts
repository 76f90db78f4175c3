// Runs inside the virtual machine: `enforcement-run ROUNDS COUNT`. Measures allowed operations
// without and with policies that refuse others, with the agent inside this process, and prints the
// results as one line of JSON after the marker.

import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { Agent, readPolicyFiles } from '@tetragon-ts/agent'
import { agentOptionsOf } from '@tetragon-ts/agent/config'
import { workload } from '@tetragon-ts/test/workloads'
import {
  type EnforcementResults,
  enforcementMarker,
  policyTexts,
  size,
} from './enforcement-results.ts'
import { execLoop } from './loops.ts'
import { WorkFiles } from './work-files.ts'

const execute = promisify(execFile)
const [rounds = 5, count = 1000] = process.argv.slice(2).map(Number)
const [loop, noop] = [await workload('hook-loop'), await workload('noop')]
/** Five components, in memory: the file system of the machine is that of the host. */
const opened = '/tmp/bench/one/two/file'
mkdirSync(dirname(opened), { recursive: true })
writeFileSync(opened, '')
const forbidden = Array.from({ length: size }, (_, i) => `/tmp/bench/forbidden-${i}`)
for (const path of forbidden) writeFileSync(path, '')

async function measure(): Promise<{ open: number; exec: number }> {
  // Cheap, so more of them are needed.
  const { stdout } = await execute(loop, [String(count * 10), 'open', opened])
  const { cpuNs } = JSON.parse(stdout) as { cpuNs: number }
  return { open: cpuNs, exec: (await execLoop(count, 1)).cpuUs * 1000 }
}

using files = new WorkFiles()
const file = files.path('policy.yaml')
const where = ['--export-filename', files.path('events.json'), '--pid-file', files.path('pid')]
const agent = await Agent.start(agentOptionsOf([...where, '--tracing-policy-dir', '']))
const policies = await agent.policies()
// The loop of execs opens the program that it starts.
const texts = policyTexts([loop, noop, await workload('exec-loop'), process.execPath], forbidden)
const results: EnforcementResults = { without: [], policies: {} }
for (const name of Object.keys(texts)) results.policies[name] = []
for (let round = 0; round < rounds; round++) {
  results.without.push(await measure())
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(file, text)
    const [document] = readPolicyFiles(file)
    const loaded = await policies.add(document)
    results.policies[name].push(await measure())
    await policies.remove(loaded)
  }
  console.log(`round ${round + 1} of ${rounds}`)
}
await agent.stop()
console.log(`${enforcementMarker}${JSON.stringify(results)}`)
