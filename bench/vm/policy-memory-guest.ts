// Runs inside the virtual machine: `policy-memory-guest`. Starts the agent, adds a first and a
// second policy through its server, and prints the memory of all BPF objects of the machine after
// each step.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { AgentProcess } from '../agent-process.ts'
import { machineMemory } from '../kernel-objects.ts'
import { policyFiles } from '../policy-results.ts'
import { WorkFiles } from '../work-files.ts'
import { type MemorySteps, memoryMarker } from './policy-memory-results.ts'

const execute = promisify(execFile)
const tetra = fileURLToPath(new URL('../../../packages/tetra/bin/tetra.js', import.meta.url))

using files = new WorkFiles()
const results: MemorySteps[] = []
for (const paths of [policyFiles, policyFiles.toReversed()]) {
  const before = machineMemory()
  await using agent = await AgentProcess.start(files)
  const steps: MemorySteps = { paths, before, started: machineMemory(), added: [] }
  for (const path of paths) {
    const server = ['--server-address', `unix://${agent.socket}`]
    await execute(process.execPath, [tetra, ...server, 'tracingpolicy', 'add', path])
    steps.added.push(machineMemory())
  }
  results.push(steps)
}
console.log(`${memoryMarker}${JSON.stringify(results)}`)
