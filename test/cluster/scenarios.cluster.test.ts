import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { cachePath, repositoryRoot } from '../vm/repository.ts'
import { installAgent, removeAgent, sharedCluster } from './installation.ts'
import { applied } from './scenarios/applied.ts'
import { churn } from './scenarios/churn.ts'
import { exportEverything } from './scenarios/events.ts'
import { kills } from './scenarios/kills.ts'
import { outage } from './scenarios/outage.ts'
import { soakPage } from './scenarios/page.ts'
import type { Result } from './scenarios/result.ts'
import { shortPods } from './scenarios/short-pods.ts'
import { clearTruth } from './scenarios/workload.ts'

const cluster = sharedCluster()
/** `small` for CI, `full` for `npm run soak`. */
const scale = process.env.TEST_SCALE === 'full' ? 'full' : 'small'
/** Only these scenarios, by their titles, separated by commas. */
const only = process.env.TEST_SCENARIOS?.split(',')

/** Scenarios with their sizes: policies, pods, seconds, seconds, kills; 0: not at this scale. */
const scenarios = [
  {
    ...{ title: 'Applied policies', run: applied, small: 20, full: 100 },
    text: 'Time from the start of `kubectl apply` to the first event of the new policy.',
  },
  {
    ...{ title: 'Short pods', run: shortPods, small: 40, full: 500 },
    text: `Pods are started and ended, ten at a time. Each runs five programs and lives for less than a
second. Every program, the first one included, must have its exec and exit events, with namespace,
name and uid of its pod, and with id, name and image of its container.`,
  },
  {
    ...{ title: 'Pods that come and go', run: churn, small: 30, full: 600 },
    text: `A policy with a \`podSelector\` is applied while pods come and go. Each hit of a selected pod that
was created after the policy was enabled must be posted, and no hit of another pod.`,
  },
  {
    ...{ title: 'Outage of the API server', run: outage, small: 20, full: 300 },
    text: `The agent does not reach the API server, and is killed during this time. Two pods ran before, and
two are created meanwhile. Events must have their pods, policies stay in force, and afterwards
everything is as the API server has it. Nothing on the node has the labels of a pod that is
created meanwhile: what a policy may apply to is posted after 30 seconds.`,
  },
  {
    ...{ title: 'Killed programs', run: kills, small: 0, full: 50 },
    text: `\`kill -9\` of agent, operator, kubelet and containerd, at random. Events must have their pods,
the policy must be in force after each kill, and no program or map in the kernel and no process may be
left.`,
  },
] as const

/** Results of the last full run of each scenario. */
const results = cachePath('results', 'soak.json')

for (const { title, run, [scale]: size } of scenarios) {
  const isChosen = only?.includes(title) ?? size > 0
  test(`${title} (${size})`, { skip: !isChosen }, async () => {
    const values = join(cluster.folder, 'scenario.json')
    await writeFile(values, JSON.stringify({ tetragon: exportEverything }))
    await clearTruth(cluster)
    await installAgent(cluster, '-f', values)
    try {
      const result: Result = await run(cluster, size)
      for (const [measure, value] of Object.entries(result)) console.log(`${measure}: ${value}`)
      if (scale === 'full') await save(title, result)
    } finally {
      await cluster.kubectl('delete', 'pods', '--all', '--force', '--grace-period=0')
      await removeAgent(cluster)
    }
  })
}

async function readResults(): Promise<Record<string, Result>> {
  return JSON.parse(await readFile(results, 'utf8').catch(() => '{}')) as Record<string, Result>
}

async function save(title: string, result: Result): Promise<void> {
  await mkdir(cachePath('results'), { recursive: true })
  await writeFile(results, JSON.stringify({ ...(await readResults()), [title]: result }))
}

after(async () => {
  if (scale !== 'full') return
  const page = join(repositoryRoot, 'docs/reference/soak.md')
  await writeFile(page, soakPage(scenarios, await readResults()))
})
