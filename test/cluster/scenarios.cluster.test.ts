import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { cachePath, repositoryRoot } from '../vm/repository.ts'
import { slowLimit } from './cluster.ts'
import { removeEndedPods } from './ended-pods.ts'
import { inSystem, installAgent, removeAgent, sharedCluster } from './installation.ts'
import { exportEverything } from './scenarios/events.ts'
import { soakPage } from './scenarios/page.ts'
import type { Result } from './scenarios/result.ts'
import { scenarios } from './scenarios/scenarios.ts'
import { clearTruth } from './scenarios/workload.ts'

const cluster = sharedCluster()
/** `small` for CI, `full` for `npm run soak`. */
const scale = process.env.TEST_SCALE === 'full' ? 'full' : 'small'
/** Only these scenarios, by their titles, separated by commas. */
const only = process.env.TEST_SCENARIOS?.split(',')

/** Results of the last full run of each scenario. */
const results = cachePath('results', 'soak.json')

/** Whether the agent of an earlier scenario runs. */
let isInstalled = false

/** Starts with an agent that has no events. */
async function begin(): Promise<void> {
  await clearTruth(cluster)
  if (isInstalled) return
  const values = join(cluster.folder, 'scenario.json')
  await writeFile(values, JSON.stringify({ tetragon: exportEverything }))
  isInstalled = true
  await installAgent(cluster, '-f', values)
}

/** Removes pods and policies, and the agent if the next scenario needs another one. */
async function end(keepAgent: boolean): Promise<void> {
  await cluster.kubectl('delete', 'pods', '--all', '--force', '--grace-period=0')
  await cluster.kubectl('delete', 'tracingpolicies', '--all')
  if (keepAgent) {
    const isEnded = async () => (await removeEndedPods(cluster)) === 0
    return cluster.waitFor('the pods have ended', isEnded, slowLimit)
  }
  isInstalled = false
  await removeAgent(cluster)
}

for (const { title, run, endsPrograms, [scale]: size } of scenarios) {
  const isChosen = only?.includes(title) ?? true
  test(`${title} (${size})`, { skip: !isChosen }, async () => {
    // A long one has an agent of its own.
    let keepAgent = false
    try {
      await begin()
      const result: Result = await run(cluster, size)
      for (const [measure, value] of Object.entries(result)) console.log(`${measure}: ${value}`)
      keepAgent = scale === 'small' && !endsPrograms
      if (scale === 'full') await save(title, result)
    } catch (error) {
      // It names lost records, and events whose pod was unknown.
      const logs = ['logs', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--tail=100']
      console.log((await cluster.tryKubectl(logs)).stdout)
      throw error
    } finally {
      await end(keepAgent)
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
  if (isInstalled) await removeAgent(cluster)
  if (scale !== 'full') return
  const page = join(repositoryRoot, 'docs/reference/soak.md')
  await writeFile(page, soakPage(scenarios, await readResults()))
})
