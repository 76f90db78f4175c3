// `npm run test:lts`: sets up the clone and runs the unit tests and the kernel tests of this
// machine on the current LTS of Node.js, from the npm registry. Arguments are those of `npm run
// test:vm`.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { root, runScript, SetupError, setup } from './setup.mjs'

const release = '24.21.0'
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
const folder = join(cache, 'tetragon-ts', 'node-lts')
const packageName = `node-linux-${process.arch}`
const node = join(folder, 'node_modules', packageName, 'bin', 'node')

function installNode() {
  if (existsSync(node)) {
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' })
    if (stdout.trim() === `v${release}`) return
  }
  console.log(`setup: Node.js ${release}`)
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel', 'error']
  const npm = ['--prefix', folder, ...args, `${packageName}@${release}`]
  const { status } = spawnSync('npm', npm, { stdio: 'inherit' })
  if (status !== 0) throw new SetupError(`install ${packageName}: npm ended with ${status}`)
}

await runScript(async () => {
  await setup('test')
  installNode()
  const targets = process.argv.slice(2)
  const main = join(root, 'test', 'dist', 'vm', 'main.js')
  const args = [main, ...(targets.length > 0 ? targets : ['unit', 'host'])]
  return spawnSync(node, args, { stdio: 'inherit' }).status ?? 1
})
