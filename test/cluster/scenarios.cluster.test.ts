import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { cachePath, repositoryRoot } from '../vm/repository.ts'
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

for (const { title, run, [scale]: size } of scenarios) {
  const isChosen = only?.includes(title) ?? true
  test(`${title} (${size})`, { skip: !isChosen }, async () => {
    const values = join(cluster.folder, 'scenario.json')
    await writeFile(values, JSON.stringify({ tetragon: exportEverything }))
    await clearTruth(cluster)
    await installAgent(cluster, '-f', values)
    try {
      const result: Result = await run(cluster, size)
      for (const [measure, value] of Object.entries(result)) console.log(`${measure}: ${value}`)
      if (scale === 'full') await save(title, result)
    } catch (error) {
      // It names lost records, and events whose pod was unknown.
      const logs = ['logs', ...inSystem, 'ds/tetragon', '-c', 'tetragon', '--tail=100']
      console.log((await cluster.tryKubectl(logs)).stdout)
      throw error
    } finally {
      await cluster.kubectl('delete', 'pods', '--all', '--force', '--grace-period=0')
      await cluster.kubectl('delete', 'tracingpolicies', '--all')
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
