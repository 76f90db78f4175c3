import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Benchmark, Report } from './benchmark.ts'
import { count, goal } from './figures.ts'
import { measureInVm } from './vm/measure-in-vm.ts'

const run = promisify(execFile)
const script = fileURLToPath(new URL('./attacks-run.js', import.meta.url))
const byThreads = 100_000
const byProcesses = 100_000
/** An emulated processor takes milliseconds to start a process. */
const byProcessesInVm = 2000
/** Threads or processes that attempt an operation at the same time. */
export const racing = 8

/** Prefix of the line with the results. */
export const attackMarker = 'attack results: '

/** Attempts of an operation that a policy forbids by a means. */
export interface AttackResult {
  readonly operation: string
  readonly means: string
  /** Racing threads of a process, or racing processes that start a child for each attempt. */
  readonly by: 'thread' | 'child'
  readonly attempts: number
  readonly effects: number
  /** Attempts that were refused or whose process was killed. */
  readonly stopped: number
}

/** Attempts by racing threads and processes to do what policies forbid. */
export const attacks: Benchmark = {
  name: 'attacks',
  summary: 'effects of 100,000 forbidden attempts by racing threads or processes, on this host',
  onlyAsked: 'takes ten minutes',
  async run() {
    const args = [script, `${byThreads}`, `${byProcesses}`]
    const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 26 })
    const line = stdout.split('\n').find((text) => text.startsWith(attackMarker))
    return report(JSON.parse(line?.slice(attackMarker.length) ?? '[]'), 'This host')
  },
}

/** The same in a virtual machine. */
export const vmAttacks: Benchmark = {
  name: 'vm-attacks',
  summary: 'the same in a virtual machine, with fewer attempts by processes',
  needsVm: true,
  async run(context) {
    const args = [byThreads, byProcessesInVm]
    const results = await measureInVm<AttackResult[]>(context, {
      script,
      args,
      marker: attackMarker,
    })
    return report(results, `Linux ${context.kernel}`)
  },
}

function report(results: readonly AttackResult[], where: string): Report {
  const byThread = results.filter(({ by }) => by === 'thread')
  const threaded = new Set(byThread.map(({ operation }) => operation))
  const escaped = results.filter(({ attempts, stopped }) => stopped < attempts)
  return {
    tables: [],
    notes: [
      `${where}: ${racing} racing threads or processes. Attempts at each operation: ` +
        `${numbers(results, 'thread')} by threads, ${numbers(results, 'child')} by processes.`,
      ...shares(results),
      `By threads, except with signals: ${[...threaded].join('; ')}.`,
      ...(escaped.length === 0
        ? ['Every attempt was refused, or its process was killed.']
        : escaped.map(
            ({ operation, means, attempts, stopped }) =>
              `NOT STOPPED: ${operation}, ${means}: ${count(attempts - stopped)} attempts.`,
          )),
    ],
  }
}

/** One line for the operations with the same share of effects; means with equal lines share it. */
function shares(results: readonly AttackResult[]): string[] {
  const all = new Set(results.map(({ operation }) => operation)).size
  const operations = new Map<string, string[]>()
  for (const { means, operation, attempts, effects } of results) {
    const share = `${((100 * effects) / attempts).toFixed(1)} % with an effect`
    // A signal is sent while the operation continues.
    const isGoal = !means.startsWith('signal')
    const key = JSON.stringify([
      means,
      isGoal ? `${share} (goal: ${goal('none', effects === 0)})` : share,
    ])
    operations.set(key, [...(operations.get(key) ?? []), operation])
  }
  const lines = new Map<string, string[]>()
  for (const [key, names] of operations) {
    const [means, share] = JSON.parse(key) as [string, string]
    const line = `${share}: ${names.length === all ? `all ${all}` : names.join('; ')}.`
    lines.set(line, [...(lines.get(line) ?? []), means])
  }
  return [...lines].map(([line, means]) => `${means.join(', ')}: ${line}`).sort()
}

function numbers(results: readonly AttackResult[], by: AttackResult['by']): string {
  const chosen = results.filter((result) => result.by === by)
  return [...new Set(chosen.map(({ attempts }) => count(attempts)))].join(', ')
}
