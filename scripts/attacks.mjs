// `npm run attacks [-- --only TEXT] [--kernel 6.12]`: runs the catalogue of test/attacks with an
// agent that has the observing policies and the rules of the library, and writes
// docs/reference/coverage.md. `npm run benign [-- --minutes N]`: ordinary work instead of attacks.
// Root only.

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, runScript, SetupError, setup } from './setup.mjs'

await runScript(async () => {
  const [what, ...args] = process.argv.slice(2)
  if (process.getuid?.() !== 0) throw new SetupError(`${what}: only root can run an agent`)
  await setup(args.includes('--kernel') ? 'vm' : undefined)
  const main = join(root, 'test/dist/attacks', what === 'benign' ? 'benign/main.js' : 'main.js')
  const options = ['--enable-source-maps', main, ...args]
  return spawnSync(process.execPath, options, { stdio: 'inherit' }).status ?? 1
})
