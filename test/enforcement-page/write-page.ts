// Writes docs/reference/enforcement-results.md.

import { writeFileSync } from 'node:fs'
import { enforcementPage } from './page.ts'

const file = new URL('../../../docs/reference/enforcement-results.md', import.meta.url)
writeFileSync(file, enforcementPage())
