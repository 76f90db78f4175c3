import { execFile } from 'node:child_process'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { AgentProcess } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { figure, median, ratio } from './figures.ts'
import { furtherFiles, policyFiles } from './policy-results.ts'
import { WorkFiles } from './work-files.ts'

const run = promisify(execFile)
const client = fileURLToPath(new URL('../../packages/tetra/bin/tetra.js', import.meta.url))
const program = 'packages/agent/bin/tetragon.js'
const here = fileURLToPath(new URL('../../', import.meta.url))
const rounds = 7
/** The first policy loads the compiler and its types; later ones find them. */
const files = [...policyFiles, ...furtherFiles]

interface Load {
  /** Processor time of all threads of the agent. */
  readonly cpuMs: number
  /** Until `tetra` has ended, so its start is part of it. */
  readonly wallMs: number
}

/** Adds policies to an agent that has just become ready, one after the other. */
async function loads(work: WorkFiles, folder: string, paths: readonly string[]): Promise<Load[]> {
  const args = [
    '--tracing-policy-dir',
    '',
    '--server-address',
    `unix://${work.path('tetragon.sock')}`,
  ]
  await using agent = await AgentProcess.start(work, { args, program: join(folder, program) })
  const results: Load[] = []
  for (const path of paths) {
    const [cpuUs, started] = [agent.cpuUs(), performance.now()]
    await run(client, ['tracingpolicy', 'add', path, '--server-address', `unix://${agent.socket}`])
    results.push({ cpuMs: (agent.cpuUs() - cpuUs) / 1000, wallMs: performance.now() - started })
  }
  return results
}

/** Time of the first policies after a start, as a user adds them. */
export const firstPolicy: Benchmark = {
  name: 'first-policy',
  summary: 'time of the first policies after a start, also beside another build (--against)',
  needsVm: false,
  compares: true,
  async run({ against, progress }) {
    using work = new WorkFiles()
    const folders = against === undefined ? [here] : [resolve(against), here]
    const measured = folders.map(() => files.map(() => [] as Load[]))
    for (let round = 0; round < rounds; round++) {
      progress(`round ${round + 1} of ${rounds}`)
      // Each policy is the first one in turn.
      const order = files.map((_, i) => (i + round) % files.length)
      for (const [build, folder] of folders.entries()) {
        const found = await loads(
          work,
          folder,
          order.map((i) => files[i]),
        )
        for (const [place, load] of found.entries()) measured[build][place].push(load)
      }
    }
    const medians = measured.map((places) =>
      places.map((each) => ({
        cpuMs: median(each.map(({ cpuMs }) => cpuMs)),
        wallMs: median(each.map(({ wallMs }) => wallMs)),
      })),
    )
    const own = medians[folders.length - 1]
    const base = against === undefined ? undefined : medians[0]
    const rows = own.map(({ cpuMs, wallMs }, place) => [
      `${place + 1}.`,
      figure(cpuMs),
      figure(wallMs),
      ...(base === undefined
        ? []
        : [ratio(base[place].cpuMs, cpuMs), ratio(base[place].wallMs, wallMs)]),
    ])
    return {
      tables: [
        {
          title: `A policy after the start of the agent (medians of ${rounds} starts)`,
          head: [
            'policy',
            'agent, CPU ms',
            'tetra tp add, ms',
            ...(base === undefined ? [] : ['CPU to the other build', 'time to it']),
          ],
          rows,
        },
      ],
      notes: [
        `Each start adds ${files.map((path) => basename(path)).join(', ')} in another order.`,
      ],
    }
  },
}
