import { parseArgs } from 'node:util'
import { allowedOperations } from './allowed-operations.ts'
import { attacks, vmAttacks } from './attacks.ts'
import type { Benchmark } from './benchmark.ts'
import { consolePage } from './console.ts'
import { consoleLog } from './console-log.ts'
import { writeReport } from './document.ts'
import { execFieldsBenchmark } from './exec-fields.ts'
import { execLoopBenchmark } from './exec-loop.ts'
import { exportFilters } from './export-filters.ts'
import { firstPolicy } from './first-policy.ts'
import { flood } from './flood.ts'
import { footprint } from './footprint.ts'
import { grpcStream } from './grpc-stream.ts'
import { hookCost } from './hook-cost.ts'
import { hookEvents } from './hook-events.ts'
import { hookHits } from './hook-hits.ts'
import { kubernetes } from './kubernetes.ts'
import { libraryStart } from './library-start.ts'
import { operatorMemory } from './operator-memory.ts'
import { policies } from './policies.ts'
import { policyMemory } from './policy-memory.ts'
import { policyStatus } from './policy-status.ts'
import { processFilters } from './process-filters.ts'
import { query } from './query.ts'
import { quietMachine } from './quiet-machine.ts'
import { readerPauses } from './reader-pauses.ts'
import { refusedOperations } from './refused-operations.ts'
import { ringToFile } from './ring-to-file.ts'
import { rules } from './rules.ts'
import { slowClients } from './slow-clients.ts'
import { soak } from './soak.ts'
import { textTable } from './table.ts'
import { userProbes } from './user-probes.ts'
import { userStacks } from './user-stacks.ts'
import { vmEnforcement } from './vm-enforcement.ts'
import { vmExec } from './vm-exec.ts'
import { vmInstructions } from './vm-instructions.ts'
import { vmPolicies } from './vm-policies.ts'

const benchmarks: readonly Benchmark[] = [
  hookCost,
  execLoopBenchmark,
  processFilters,
  execFieldsBenchmark,
  ringToFile,
  readerPauses,
  hookEvents,
  exportFilters,
  rules,
  query,
  grpcStream,
  footprint,
  libraryStart,
  firstPolicy,
  vmExec,
  vmInstructions,
  policies,
  hookHits,
  userProbes,
  userStacks,
  vmPolicies,
  vmEnforcement,
  allowedOperations,
  refusedOperations,
  policyMemory,
  kubernetes,
  operatorMemory,
  policyStatus,
  attacks,
  vmAttacks,
  soak,
  slowClients,
  flood,
  consolePage,
  consoleLog,
]

const usage = `usage: npm run bench -- [--write] [--profile] [--vm KERNEL] [--minutes N]
                        [--against FOLDER] [NAME...]

Measures and prints tables; without names all benchmarks but those that need a virtual machine or take
minutes.

  --write      put the results into bench/README.md
  --profile    show where the reader thread spends its time (ring-to-file)
  --vm KERNEL  run the benchmarks that need a virtual machine, with this kernel of the matrix
  --minutes N  how long soak, slow-clients, flood and console run
  --against F  compare with the build in this folder (first-policy)

${benchmarks.map(({ name, summary }) => `  ${name.padEnd(19)}${summary}`).join('\n')}`

/** Runs the benchmarks of the command line. */
async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      write: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      vm: { type: 'string' },
      minutes: { type: 'string' },
      against: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const unknown = positionals.find((name) => !benchmarks.some((found) => found.name === name))
  if (values.help || unknown !== undefined) {
    if (unknown !== undefined) process.exitCode = 2
    console.log(unknown === undefined ? usage : `unknown benchmark ${unknown}\n\n${usage}`)
    return
  }
  const isMeant = ({ needsVm = false, onlyAsked }: Benchmark): boolean =>
    onlyAsked === undefined && needsVm === (values.vm !== undefined)
  const chosen = benchmarks.filter((benchmark) =>
    positionals.length > 0 ? positionals.includes(benchmark.name) : isMeant(benchmark),
  )
  if (values.against !== undefined && !chosen.every(({ compares = false }) => compares)) {
    const able = benchmarks.filter(({ compares = false }) => compares).map(({ name }) => name)
    console.log(`--against: name one of ${able.join(', ')}; others have nothing to compare with`)
    process.exitCode = 2
    return
  }
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes)
  for (const benchmark of chosen) {
    console.log(`\n== ${benchmark.name}: ${benchmark.summary}`)
    const progress = (text: string): void => console.error(`   ${text}`)
    const others = benchmark.onlyAsked === undefined ? await quietMachine(progress) : 0
    const kernel = values.vm ?? '6.12'
    const found = await benchmark.run({
      kernel,
      profile: values.profile,
      against: values.against,
      minutes,
      progress,
    })
    const report = others > 0 ? { ...found, notes: [...found.notes, disturbed(others)] } : found
    for (const table of report.tables) console.log(`\n${textTable(table)}`)
    if (report.notes.length > 0) console.log(`\n${report.notes.join('\n')}`)
    if (values.write) await writeReport(benchmark.name, report)
  }
}

function disturbed(cpus: number): string {
  return `Other programs used ${cpus.toFixed(1)} CPUs at the start of this run: results are unreliable.`
}

await main(process.argv.slice(2))
