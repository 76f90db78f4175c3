// `node test/dist/package/write-api.js`: writes the public interface of packages/ebpf to its
// api.txt. A change of that file is a change for users: it needs a line in CHANGELOG.md, and what
// is removed or changed waits for the next minor version.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '../vm/repository.ts'
import { publicApi } from './public-api.ts'

const folder = join(repositoryRoot, 'packages/ebpf')
writeFileSync(join(folder, 'api.txt'), publicApi(join(folder, 'dist')))
