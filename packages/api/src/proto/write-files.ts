import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { agentFiles } from './files.ts'
import { protoText } from './proto-text.ts'

// Writes the `.proto` files: `npm run generate`.

const folder = fileURLToPath(new URL('../../proto', import.meta.url))

for (const file of agentFiles) {
  const path = join(folder, file.path)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, protoText(file, agentFiles))
}
