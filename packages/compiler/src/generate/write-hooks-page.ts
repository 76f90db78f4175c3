import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { hooksPage } from '../backends/hooks-page.ts'

// Writes docs/hooks.md.

const page = fileURLToPath(new URL('../../../../docs/hooks.md', import.meta.url))
writeFileSync(page, hooksPage())
