import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { AgentProcess } from './agent-process.ts'
import { figure, goal, median } from './figures.ts'
import { KubernetesNode } from './kubernetes-node.ts'
import { WorkFiles } from './work-files.ts'

const changes = 20
/** Longer than the goal: hits of the old labels would show. */
const settleMs = 500
const goalMs = 100

interface Line {
  readonly time: string
  readonly process_kprobe?: object
}

/** Times of the hits in an export file, in milliseconds. */
function hitTimes(file: string): number[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines
    .filter((line) => line.includes('"process_kprobe"'))
    .map((line) => Date.parse((JSON.parse(line) as Line).time))
}

/** The time from new labels of a pod in the watch until a policy applies, or ends to apply. */
export async function labelChanges(pods: number) {
  using files = new WorkFiles()
  using node = await KubernetesNode.start(pods)
  node.addPolicy('watched', { watched: 'yes' })
  await using agent = await AgentProcess.start(files, { args: node.options(files) })
  const index = pods - 1
  const write = `dd if=/dev/zero of=${files.path('written')} bs=123456 count=1 2>/dev/null`
  const script = `echo 0 > ${node.pods[index]!.group}/cgroup.procs; while :; do ${write}; done`
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' })
  const times: Record<'yes' | 'no', number[]> = { yes: [], no: [] }
  try {
    for (let i = 0; i < changes; i++) {
      for (const watched of ['yes', 'no'] as const) {
        const changedAt = Date.now()
        node.labelPod(index, { watched })
        await delay(settleMs)
        const after = hitTimes(agent.file).filter((time) => time >= changedAt)
        const edge = watched === 'yes' ? after[0] : (after.at(-1) ?? changedAt)
        times[watched].push((edge ?? Number.POSITIVE_INFINITY) - changedAt)
      }
    }
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const row = (measure: string, values: readonly number[]) => {
    const most = Math.max(...values)
    return [measure, figure(median(values)), figure(most), goal(`< ${goalMs}`, most < goalMs)]
  }
  return {
    head: ['change', 'median', `most of ${changes}`, 'goal'],
    rows: [
      row('a policy selects the pod: first hit', times.yes),
      row('it does not any more: last hit', times.no),
    ],
  }
}
