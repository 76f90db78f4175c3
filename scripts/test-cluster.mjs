// `npm run test:cluster [-- OPTION…] [NAME…]`: sets the clone up and runs the tests of
// test/cluster/*.cluster.test.ts, one file after the other, with one Kubernetes cluster on this
// machine. With names, only files whose name contains one of them. Root only. The first run builds
// the cluster's programs, which takes minutes: ~/.cache/tetragon-ts/cluster.
//
//   --scale full   long scenarios, which take half an hour (`npm run soak`), and a node with
//                  another kernel (two-kernels); otherwise small
//   --kernel 6.12  the node is an emulated virtual machine with this kernel; only for walk-through
//   --keep         runs no tests: the cluster is for work of your own, until Ctrl-C

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, runScript, SetupError, setup } from './setup.mjs'

/** Kernels of nodes in virtual machines, and the tests that can use such a node. */
const virtual = { kernels: ['6.12'], files: ['walk-through.cluster.test.ts'] }

/** The options and names of the command line. */
function readArguments() {
  const options = {
    scale: { type: 'string', default: 'small' },
    kernel: { type: 'string' },
    keep: { type: 'boolean', default: false },
  }
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    // Without the advice how to pass it as a name.
    const [reason] = error.message.split('. ')
    const usage = '[--scale small|full] [--kernel 6.12] [--keep | NAME…]'
    throw new SetupError(`test:cluster: ${reason}; usage: ${usage}`)
  }
}

/** The test files that names select. */
function selectFiles(names, kernel) {
  const selected = readdirSync(join(root, 'test', 'cluster'))
    .filter((name) => name.endsWith('.cluster.test.ts'))
    .filter((name) => names.length === 0 || names.some((each) => name.includes(each)))
  if (selected.length === 0) throw new SetupError(`test:cluster: no test file: ${names.join(', ')}`)
  if (kernel === undefined) return selected
  const others = selected.filter((name) => !virtual.files.includes(name))
  if (names.length > 0 && others.length > 0) {
    throw new SetupError(`test:cluster: --kernel: not possible for ${others.join(', ')}`)
  }
  return virtual.files
}

/**
 * Starts a cluster that is kept, and waits for its end. @returns the exit code
 *
 * It is in a session of its own: Ctrl-C would also reach the programs of the cluster, before the
 * process that ends them in order. That process ends with this one, even if it is killed.
 */
async function keepCluster(args) {
  const script = join(root, 'test/dist/cluster/keep.js')
  const node = ['--pdeathsig', 'TERM', process.execPath, '--enable-source-maps', script, ...args]
  const child = spawn('setpriv', node, { stdio: ['ignore', 'inherit', 'inherit'], detached: true })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill('SIGTERM'))
  }
  const [exitCode] = await once(child, 'exit')
  return exitCode ?? 1
}

await runScript(async () => {
  const { values, positionals: names } = readArguments()
  const { scale, kernel, keep } = values
  const ofTests = [...names, ...(scale === 'small' ? [] : [`--scale ${scale}`])]
  if (keep && ofTests.length > 0) {
    throw new SetupError(`test:cluster: --keep runs no tests; omit ${ofTests.join(' ')}`)
  }
  if (!['small', 'full'].includes(scale)) {
    throw new SetupError(`test:cluster: --scale is small or full, not "${scale}"`)
  }
  if (kernel !== undefined && !virtual.kernels.includes(kernel)) {
    const known = virtual.kernels.join(' or ')
    throw new SetupError(`test:cluster: --kernel is ${known}, not "${kernel}"`)
  }
  const sources = selectFiles(names, kernel)
  if (process.getuid?.() !== 0) throw new SetupError('test:cluster: only root can start a cluster')
  await setup('cluster')
  const node = kernel === undefined ? [] : ['--kernel', kernel]
  if (keep) return keepCluster(node)
  const files = sources.map((name) => join(root, 'test/dist/cluster', name.replace(/\.ts$/, '.js')))
  const main = ['--enable-source-maps', join(root, 'test/dist/cluster/main.js')]
  const args = [...main, ...node, ...files]
  const env = { ...process.env, TEST_SCALE: scale }
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1
})
