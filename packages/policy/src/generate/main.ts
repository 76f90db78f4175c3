import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generatedFiles } from './files.ts'

// Writes the generated files: npm run generate -w packages/policy

const root = fileURLToPath(new URL('../../../..', import.meta.url))

for (const { path, content } of generatedFiles()) {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  console.log(path)
}
