import { setTimeout as delay } from 'node:timers/promises'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal } from './figures.ts'
import { OperatorProcess } from './operator-process.ts'
import { SimulatedCluster } from './simulated-cluster.ts'

const sizes = [0, 1000, 10_000, 50_000]
/** Default limit of the chart. */
const limitMiB = 128

/** Memory of the operator in a large cluster. */
export const operatorMemory: Benchmark = {
  name: 'operator-memory',
  summary: 'memory of the operator with up to 50,000 pods, in a simulated cluster',
  onlyAsked: 'it takes minutes',
  async run({ progress }) {
    const rows: string[][] = []
    let podBytes = 0
    for (const pods of sizes) {
      progress(`${count(pods)} pods`)
      using cluster = new SimulatedCluster(pods)
      podBytes = cluster.podBytes
      const { seconds, peakMiB, lastMiB } = await measure(cluster, pods)
      const isMet = peakMiB < limitMiB
      rows.push([
        count(pods),
        figure(seconds),
        figure(peakMiB),
        figure(lastMiB),
        goal(`< ${limitMiB}`, isMet),
      ])
    }
    const head = ['pods', 'seconds until all are written', 'peak, MiB', 'after that, MiB', 'goal']
    return {
      tables: [{ title: '', head, rows }],
      notes: [`A pod has ${count(podBytes)} bytes of JSON. Both processes share the machine.`],
    }
  },
}

async function measure(cluster: SimulatedCluster, pods: number) {
  const started = performance.now()
  await using operator = new OperatorProcess(await cluster.start())
  while (cluster.written < pods) {
    operator.check()
    await delay(100)
  }
  const seconds = (performance.now() - started) / 1000
  // An idle process of V8 frees some of its heap.
  await delay(5000)
  return { seconds, peakMiB: operator.peakMiB, lastMiB: operator.residentMiB }
}
