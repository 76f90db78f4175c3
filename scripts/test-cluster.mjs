// `npm run test:cluster [-- --scale full] [NAME…]`: sets the clone up and runs the tests of
// test/cluster/*.cluster.test.ts, one file after the other, with one Kubernetes cluster on this
// machine. With names, only files whose name contains one of them. Scenarios have two scales:
// small, and full, which takes half an hour (`npm run soak`). Root only. The first run builds the
// cluster's programs, which takes minutes: .cache/cluster.

import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root, runScript, SetupError, setup } from './setup.mjs'

function readArguments() {
  const options = { scale: { type: 'string', default: 'small' } }
  try {
    return parseArgs({ allowPositionals: true, options })
  } catch (error) {
    const [reason] = error.message.split('. ')
    throw new SetupError(`test:cluster: ${reason}; usage: [--scale small|full] [NAME…]`)
  }
}

await runScript(async () => {
  if (process.getuid?.() !== 0) throw new SetupError('test:cluster: only root can start a cluster')
  const { values, positionals: names } = readArguments()
  if (!['small', 'full'].includes(values.scale)) {
    throw new SetupError(`test:cluster: --scale is small or full, not "${values.scale}"`)
  }
  const folder = join(root, 'test', 'cluster')
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.cluster.test.ts'))
    .filter((name) => names.length === 0 || names.some((each) => name.includes(each)))
  if (sources.length === 0) throw new SetupError(`test:cluster: no test file: ${names.join(', ')}`)
  await setup('cluster')
  const files = sources.map((name) => join(root, 'test/dist/cluster', name.replace(/\.ts$/, '.js')))
  const main = ['--enable-source-maps', join(root, 'test/dist/cluster/main.js')]
  const env = { ...process.env, TEST_SCALE: values.scale }
  return spawnSync(process.execPath, [...main, ...files], { stdio: 'inherit', env }).status ?? 1
})
