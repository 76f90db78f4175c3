// `node keep.js [--kernel NAME]`: starts a cluster without tests, prints how to use it, and ends it
// with all its programs after a signal. With --kernel, the node is a virtual machine with this
// kernel.

import { parseArgs } from 'node:util'
import { cachePath } from '../vm/repository.ts'
import { clusterFiles } from './build/cluster-files.ts'
import { makeAgentImage } from './images/agent-image.ts'
import { EndOfUse, usageOf } from './kept-cluster.ts'
import { RunningCluster } from './running-cluster.ts'

const { values } = parseArgs({ options: { kernel: { type: 'string' } } })
const tetra = cachePath('image', 'root/usr/lib/tetragon/tetra')

await clusterFiles(console.log)
const image = await makeAgentImage()
// A signal during the start ends the cluster after it, since half a cluster could not be removed.
const end = new EndOfUse()
const running = await RunningCluster.start(tetra, console.log, values.kernel)
try {
  await running.cluster.node.importImage(image)
  console.log(`\n${usageOf(running.cluster.address)}\n`)
  await end.wait(() => running.check())
} finally {
  console.log('cluster: end')
  const left = await running.end()
  for (const line of left) console.error(`cluster: left: ${line}`)
  if (left.length > 0) process.exitCode = 1
}
process.exit()
