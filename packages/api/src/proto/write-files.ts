import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tetragonFiles } from './files.ts'
import { protoText } from './proto-text.ts'

// Writes the `.proto` files: `npm run generate`.

const folder = fileURLToPath(new URL('../../proto', import.meta.url))

for (const file of tetragonFiles) {
  const path = join(folder, file.path)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, protoText(file, tetragonFiles))
}
