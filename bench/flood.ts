import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, createReadStream, writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { workload } from '@tetragon-ts/test/workloads'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { count, goal } from './figures.ts'
import { WorkFiles } from './work-files.ts'

const execsPerSecond = 2000
const defaultMinutes = 1
/** Processes are started in batches, so that the rate does not depend on their duration. */
const batchMs = 250
/** The rate must also be met on a busy machine. */
const raised = -12

/** Every system call of every process. */
const everyCall = JSON.stringify({
  apiVersion: 'cilium.io/v1alpha1',
  kind: 'TracingPolicy',
  metadata: { name: 'every-call' },
  spec: {
    tracepoints: [
      { subsystem: 'raw_syscalls', event: 'sys_enter', args: [{ index: 4, type: 'uint64' }] },
    ],
  },
})

/** Whether a policy that posts continuously costs process events. */
export const flood: Benchmark = {
  name: 'flood',
  summary: '2,000 execs per second next to a policy that posts every system call, for a minute',
  onlyAsked: 'takes a minute',
  async run({ minutes = defaultMinutes, progress }) {
    using files = new WorkFiles()
    const found = await runFlood(files, minutes * 60, progress)
    const { started, seconds, execs, exits, losses } = found
    const lost = (kind: string): number => losses.get(kind) ?? 0
    const processes = ['exec', 'fork', 'exit', 'running'].reduce((sum, kind) => sum + lost(kind), 0)
    return {
      tables: [
        {
          title: '',
          head: ['measure', 'result', 'goal'],
          rows: [
            ['processes started per second', count(Math.round(started / seconds)), ''],
            [
              'exec and exit events',
              `${count(execs)}, ${count(exits)}`,
              goal('all', execs === started && exits === started),
            ],
            ['process records lost', count(processes), goal('0', processes === 0)],
            [
              'hook records lost in the ring',
              count(lost('hook')),
              goal('counted', lost('hook') > 0),
            ],
            ['hook records skipped by the reader', count(found.skipped), ''],
          ],
        },
      ],
      notes: [],
    }
  },
}

export interface FloodResult {
  /** Number of started processes, and the duration in seconds. */
  readonly started: number
  readonly seconds: number
  /** Events of these. */
  readonly execs: number
  readonly exits: number
  /** Lost in the kernel, by kind. */
  readonly losses: ReadonlyMap<string, number>
  readonly skipped: number
}

/** Starts processes at the rate, next to a process that makes system calls continuously. */
export async function runFlood(
  files: WorkFiles,
  seconds: number,
  progress: (text: string) => void,
): Promise<FloodResult> {
  const program = files.path('flooded')
  const policy = files.path('every-call.yaml')
  copyFileSync(await workload('noop'), program)
  writeFileSync(policy, everyCall)
  const [execLoop, calls] = [await workload('exec-loop'), await workload('syscall-loop')]
  const own = JSON.stringify({ binary_regex: [`^${program}$`] })
  const agent = await AgentProcess.start(files, {
    args: ['--tracing-policy', policy, '--export-allowlist', own],
  })
  const flooding = spawn(calls, ['1000000000'], { stdio: 'ignore' })
  // From here on this process and its children have priority over the flood and other programs.
  const priority = getPriority()
  setPriority(raised)
  let started = 0
  const begin = performance.now()
  try {
    for (let due = begin; performance.now() - begin < seconds * 1000; ) {
      due += batchMs
      const batch = (execsPerSecond * batchMs) / 1000
      const child = spawn(execLoop, [String(batch), '2', program], { stdio: 'ignore' })
      const [code] = await once(child, 'exit')
      if (code !== 0) throw new Error(`start processes: exec-loop ended with ${code}`)
      started += batch
      await delay(Math.max(0, due - performance.now()))
      if (started % (10 * execsPerSecond) === 0) progress(`${count(started)} processes`)
    }
  } finally {
    setPriority(priority)
    flooding.kill('SIGKILL')
  }
  const took = (performance.now() - begin) / 1000
  const said = await agent.stop()
  const losses = new Map<string, number>()
  let skipped = 0
  for (const line of said) {
    const [, kind, total] = /lost in the kernel \((\w+)\):.* (\d+) in all/.exec(line) ?? []
    if (kind !== undefined) losses.set(kind, Number(total))
    skipped = Number(/skipped in favour.* (\d+) in all/.exec(line)?.[1] ?? skipped)
  }
  const events = await countEvents(agent.file)
  return { started, seconds: took, ...events, losses, skipped }
}

async function countEvents(file: string): Promise<{ execs: number; exits: number }> {
  let [execs, exits] = [0, 0]
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (line.startsWith('{"process_exec"')) execs++
    else if (line.startsWith('{"process_exit"')) exits++
  }
  return { execs, exits }
}
