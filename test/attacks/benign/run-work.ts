import type { RunningAgent } from '@tetragon-ts/agent/testing'
import type { Job } from '../action.ts'
import { jobPath } from '../action-script.ts'
import type { BenignFinding, BenignResult } from '../coverage.ts'
import { ProcessTrees } from '../process-tree.ts'
import { runAction } from '../run-action.ts'

/**
 * Does ordinary work again and again, and counts what it is taken for.
 * @param log receives a line for work that cannot be done here
 */
export async function runWork(
  agent: RunningAgent,
  work: readonly Job[],
  minutes: number,
  log: (line: string) => void,
): Promise<Omit<BenignResult, 'kernel'>> {
  const trees = new ProcessTrees(new Map(work.map((job) => [jobPath(job), job.id])))
  const times = new Map<string, number>()
  const started = performance.now()
  const passed = () => (performance.now() - started) / 60_000
  while (passed() < minutes) {
    for (const job of work) {
      const run = await runAction(job)
      if (run.ran && run.effect) times.set(job.title, (times.get(job.title) ?? 0) + 1)
      else log(`${job.id}: ${run.ran ? run.output : run.reason}`)
      if (passed() >= minutes) break
    }
    await agent.events()
    for (const line of agent.take().lines) trees.add(line)
  }
  return {
    minutes: Math.round(passed() * 10) / 10,
    work: [...times].map(([name, count]) => ({ name, times: count })),
    findings: countFindings(work, trees),
  }
}

function countFindings(work: readonly Job[], trees: ProcessTrees): BenignFinding[] {
  const counts = new Map<string, BenignFinding>()
  for (const job of work) {
    for (const { findings, command } of trees.of(job.id)) {
      for (const { title, level } of findings) {
        const { count, example } = counts.get(title) ?? { count: 0, example: command.slice(0, 80) }
        counts.set(title, { title, level, count: count + 1, example })
      }
    }
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || (a.title < b.title ? -1 : 1))
}
