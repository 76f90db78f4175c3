// Runs inside the virtual machine: `guest ROUNDS EXECS GETPIDS HOOK-EXECS`. Measures without and
// with the agent in turns and prints its results as one line of JSON after the marker.

import { setTimeout as delay } from 'node:timers/promises'
import { enableRunStats } from '@tetragon-ts/ebpf/programs'
import { workload } from '@tetragon-ts/test/workloads'
import { AgentProcess } from '../agent-process.ts'
import { countEvents } from '../event-count.ts'
import { mapMemory, programsOf } from '../kernel-objects.ts'
import { type ExecRun, execLoop, getpidLoop } from '../loops.ts'
import { WorkFiles } from '../work-files.ts'
import { type GuestResults, type HookCost, marker, type WatchedRound } from './guest-results.ts'

/** A daemon runs for weeks: its code is compiled before it is measured. */
const warmUpExecs = 5000
/** Until the agent has processed the last of them. */
const settleMs = 300

const [rounds, execs, getpids, hookExecs] = process.argv.slice(2).map(Number)
const noop = await workload('noop')

async function withoutAgent(): Promise<{ exec: ExecRun; getpidNs: number }> {
  return { exec: await execLoop(execs, 1), getpidNs: await getpidLoop(getpids) }
}

async function withAgent(files: WorkFiles): Promise<WatchedRound> {
  const agent = await AgentProcess.start(files)
  const residentBytes = agent.residentBytes()
  const atStart = agent.cpuUs()
  await execLoop(warmUpExecs, 1)
  await delay(settleMs)
  const before = agent.cpuUs()
  const exec = await execLoop(execs, 1)
  await delay(settleMs)
  const agentUs = (agent.cpuUs() - before) / execs
  const coldUs = (before - atStart) / warmUpExecs
  const getpidNs = await getpidLoop(getpids)
  const round = {
    exec,
    getpidNs,
    agentUs,
    coldUs,
    residentBytes,
    firstEventMs: agent.firstEventMs,
    readyMs: agent.readyMs,
    residentLaterBytes: agent.residentBytes(),
    mapBytes: mapMemory(agent.pid),
    programs: programsOf(agent.pid),
  }
  const losses = await agent.stop()
  const seen = await countEvents(agent.file, noop)
  return { ...round, ...seen, losses }
}

async function hookCosts(files: WorkFiles): Promise<HookCost[]> {
  await using agent = await AgentProcess.start(files)
  using _statistics = enableRunStats()
  await execLoop(hookExecs, 1)
  return programsOf(agent.pid)
    .filter(({ runCount }) => runCount > 0)
    .map(({ name, runTimeNs, runCount }) => ({ name, nsPerHit: runTimeNs / runCount }))
}

using files = new WorkFiles()
const results: GuestResults = { execs: warmUpExecs + execs, without: [], watched: [], hooks: [] }
for (let round = 0; round < rounds; round++) {
  results.without.push(await withoutAgent())
  results.watched.push(await withAgent(files))
  console.log(`round ${round + 1} of ${rounds}`)
}
results.hooks.push(...(await hookCosts(files)))
console.log(`${marker}${JSON.stringify(results)}`)
