// `node scripts/npm-packages.mjs [NAME…]`: packs the packages for npm, all or those of the given
// folders of `packages`, in .cache/npm. It needs `npm run build` first. Beside them are bills of
// materials, checksums, and signatures (docs/verify.md).

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describeArtefacts } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { packPackages } from './npm/pack-packages.mjs'
import { requireBuild } from './programs.mjs'
import { root, runScript } from './setup.mjs'

await runScript(() => {
  requireBuild()
  const key = signingKey()
  const target = join(root, '.cache/npm')
  rmSync(target, { recursive: true, force: true })
  const artefacts = packPackages(process.argv.slice(2), target)
  describeArtefacts(target, artefacts, key)
  console.log(artefacts.map(({ file }) => file).join('\n'))
})
