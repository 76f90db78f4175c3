import type { RunningAgent } from '@tetragon-ts/agent/testing'
import type { Action } from './action.ts'
import { jobPath } from './action-script.ts'
import { type ActionResult, classify } from './classify.ts'
import { compareStates, readMachineState } from './machine-state.ts'
import { ProcessTrees } from './process-tree.ts'
import { type ActionRun, runAction } from './run-action.ts'

/** Results of actions, and what they changed on the machine, which is nothing. */
export interface ActionResults {
  readonly results: readonly ActionResult[]
  readonly changes: readonly string[]
}

/**
 * Runs actions one after the other and classifies what the agent reports. Needs root.
 * @param log receives a line for each action
 */
export async function runActions(
  agent: RunningAgent,
  actions: readonly Action[],
  log: (line: string) => void,
): Promise<ActionResults> {
  const before = readMachineState()
  const trees = new ProcessTrees(new Map(actions.map((action) => [jobPath(action), action.id])))
  const runs = new Map<Action, ActionRun>()
  for (const action of actions) {
    const started = performance.now()
    const run = await runAction(action)
    runs.set(action, run)
    log(`${action.id}: ${describeRun(run)} (${Math.round(performance.now() - started)} ms)`)
    // The machine has other processes: their events are not kept.
    if (runs.size % 10 === 0) await readEvents(agent, trees)
  }
  const changes = compareStates(before, readMachineState())
  await readEvents(agent, trees)
  const results = [...runs].map(([action, run]) => classify(action, run, trees.of(action.id)))
  return { results, changes }
}

async function readEvents(agent: RunningAgent, trees: ProcessTrees): Promise<void> {
  await agent.events()
  for (const line of agent.take().lines) trees.add(line)
}

function describeRun(run: ActionRun): string {
  if (!run.ran) return run.reason
  return run.effect ? 'done' : `no effect: ${run.output}`
}
