import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { AgentProcess, residentBytes } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal, mebibyte, median, ratio } from './figures.ts'
import { mapMemory, mapsOf, programsOf } from './kernel-objects.ts'
import { execLoop } from './loops.ts'
import { WorkFiles } from './work-files.ts'

const starts = 7
const processes = 100_000
const goals = { startMs: 1000, residentMiB: 150, mapsMiB: 8 }

/** Start time, memory and size of the programs. */
export const footprint: Benchmark = {
  name: 'footprint',
  summary: 'start time, resident memory, kernel memory and programs of the agent',
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const nodeMs: number[] = []
    const readyMs: number[] = []
    for (let start = 1; start < starts; start++) {
      progress(`start ${start} of ${starts}`)
      nodeMs.push(await bareNodeMs())
      await using agent = await AgentProcess.start(files)
      readyMs.push(agent.readyMs)
    }
    nodeMs.push(await bareNodeMs())
    const nodeMiB = (await bareNodeBytes()) / mebibyte

    await using agent = await AgentProcess.start(files)
    readyMs.push(agent.readyMs)
    // When it serves, it returns what only the start has used.
    await delay(1000)
    const startMiB = agent.residentBytes() / mebibyte
    progress(`${processes} processes`)
    await execLoop(processes, 2)
    const laterMiB = agent.residentBytes() / mebibyte
    const programs = programsOf(agent.pid)
    const sum = (name: 'instructions' | 'verifiedInstructions'): string =>
      count(programs.reduce((total, program) => total + program[name], 0))
    const mapsMiB = mapMemory(agent.pid) / mebibyte
    const [node, ready] = [median(nodeMs), median(readyMs)]
    const memoryRow = (measure: string, value: number): string[] => [
      `${measure}, MiB`,
      figure(nodeMiB),
      figure(value),
      ratio(nodeMiB, value),
      goal(`< ${goals.residentMiB}`, value < goals.residentMiB),
    ]
    return {
      tables: [
        {
          title: '',
          head: ['measure', 'Node.js alone', 'agent', 'ratio', 'goal'],
          rows: [
            [
              `start until ready, ms (median of ${starts})`,
              figure(node),
              figure(ready),
              ratio(node, ready),
              goal(`< ${goals.startMs}`, ready < goals.startMs),
            ],
            memoryRow('resident memory after start', startMiB),
            memoryRow(`resident memory after ${count(processes)} processes`, laterMiB),
            [
              'kernel memory of maps, MiB (without the ring)',
              '0',
              figure(mapsMiB),
              '',
              goal(`< ${goals.mapsMiB}`, mapsMiB < goals.mapsMiB),
            ],
            ['programs held by the running agent', '0', String(programs.length), '', ''],
            ['instructions', '0', sum('instructions'), '', ''],
            ['instructions that the verifier walked', '0', sum('verifiedInstructions'), '', ''],
          ],
        },
      ],
      notes: [
        `Programs: ${programs
          .map((p) => `${p.name} ${p.instructions} (${p.verifiedInstructions} walked)`)
          .join(', ')}.`,
        `Maps: ${mapsOf(agent.pid)
          .map(({ name, memory }) => `${name} ${(memory / 1024).toFixed(0)} KiB`)
          .join(', ')}.`,
      ],
    }
  },
}

/** Time for Node.js to start and end. */
async function bareNodeMs(): Promise<number> {
  const started = performance.now()
  await once(spawn(process.execPath, ['--eval', '0'], { stdio: 'ignore' }), 'exit')
  return performance.now() - started
}

/** Resident memory of an idle Node.js. */
async function bareNodeBytes(): Promise<number> {
  const args = ['--eval', 'setTimeout(() => {}, 60000)']
  const child = spawn(process.execPath, args, { stdio: 'ignore' })
  await delay(500)
  const bytes = residentBytes(child.pid!)
  child.kill('SIGKILL')
  await once(child, 'exit')
  return bytes
}
