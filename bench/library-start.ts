import { appendFileSync, cpSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { figure, mebibyte, median, ratio } from './figures.ts'
import { WorkFiles } from './work-files.ts'

const library = fileURLToPath(new URL('../../policies/rules/', import.meta.url))
const rounds = 2
/** Until the rules are in force and their policies loaded, on an idle machine. */
const settledMs = 9000

/** What the rules of the library cost at the start of the agent. */
export const libraryStart: Benchmark = {
  name: 'library-start',
  summary: 'processor time and memory of the library of rules after the start',
  needsVm: false,
  async run({ progress }) {
    using files = new WorkFiles()
    const changed = files.path('rules')
    cpSync(library, changed, { recursive: true })
    appendFileSync(`${changed}/impact/mining-port.yaml`, '# changed\n')
    const kinds = [
      { title: 'without the library', args: [] },
      {
        title: 'with the library',
        args: ['--library-rules', 'low', '--library-rules-dir', library],
      },
      {
        title: 'with a changed library',
        args: ['--library-rules', 'low', '--library-rules-dir', changed],
      },
    ].map((kind) => ({ ...kind, cpuMs: [] as number[], mib: [] as number[] }))
    for (let round = 1; round <= rounds; round++) {
      progress(`round ${round} of ${rounds}`)
      for (const { args, cpuMs, mib } of kinds) {
        await using agent = await AgentProcess.start(files, { args: [...args, '--rules-dir', ''] })
        await delay(settledMs)
        cpuMs.push(agent.cpuUs() / 1000)
        mib.push(agent.residentBytes() / mebibyte)
      }
    }
    const base = kinds[0]
    const rows = kinds.map(({ title, cpuMs, mib }) => {
      const [cpu, memory] = [median(cpuMs), median(mib)]
      const relative = [ratio(median(base.cpuMs), cpu), ratio(median(base.mib), memory)]
      return [title, figure(cpu), relative[0], figure(memory), relative[1]]
    })
    return {
      tables: [{ title: '', head: ['agent', 'CPU, ms', 'ratio', 'memory, MiB', 'ratio'], rows }],
      notes: [
        'A changed library is read when the agent starts; the other one was prepared by the build.',
      ],
    }
  },
}
