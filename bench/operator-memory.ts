import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { residentBytes } from './agent-process.ts'
import type { Benchmark } from './benchmark.ts'
import { count, figure, goal, mebibyte } from './figures.ts'
import { SimulatedCluster } from './simulated-cluster.ts'
import { WorkFiles } from './work-files.ts'

const program = fileURLToPath(
  new URL('../../packages/operator/bin/tetragon-operator.js', import.meta.url),
)
/** As in the image: scripts/image/root.mjs. */
const memoryOption = '--optimize-for-size'
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
  using files = new WorkFiles()
  const kubeconfig = files.path('kubeconfig')
  writeFileSync(kubeconfig, kubeconfigOf(await cluster.start()))
  const args = ['serve', `--kube-config=${kubeconfig}`, '--health-probe-bind-address=0']
  const started = performance.now()
  const child = spawn(process.execPath, [memoryOption, program, ...args], { stdio: 'ignore' })
  let hasEnded = false
  const ended = once(child, 'exit').then(() => {
    hasEnded = true
  })
  while (cluster.written < pods && !hasEnded) await delay(100)
  if (hasEnded) throw new Error(`the operator ended with ${cluster.written} of ${pods} pods`)
  const seconds = (performance.now() - started) / 1000
  // An idle process of V8 frees some of its heap.
  await delay(5000)
  const status = readFileSync(`/proc/${child.pid}/status`, 'latin1')
  const peakMiB = Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) / 1024
  const lastMiB = residentBytes(child.pid!) / mebibyte
  child.kill('SIGKILL')
  await ended
  return { seconds, peakMiB, lastMiB }
}

function kubeconfigOf(server: string): string {
  return JSON.stringify({
    'current-context': 'x',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  })
}
