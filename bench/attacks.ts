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
      ...{ script, args, marker: attackMarker },
    })
    return report(results, `Linux ${context.kernel}`)
  },
}

function report(results: readonly AttackResult[], where: string): Report {
  const rows = results.map(({ operation, means, by, attempts, effects, stopped }) => [
    ...[operation, means, by === 'thread' ? 'threads' : 'processes', count(attempts)],
    ...[count(stopped), count(effects), `${((100 * effects) / attempts).toFixed(1)} %`],
    // A signal is sent while the operation continues.
    means.startsWith('signal') ? '' : goal('none', effects === 0 && stopped === attempts),
  ])
  const head = ['operation', 'means', 'by', 'attempts', 'stopped', 'effects', 'leaked', 'goal']
  return {
    tables: [{ title: `${where}: ${racing} racing threads or processes`, head, rows }],
    notes: [],
  }
}
