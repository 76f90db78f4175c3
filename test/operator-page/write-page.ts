// Writes docs/reference/operator-options.md.

import { writeFileSync } from 'node:fs'
import { operatorPage } from './page.ts'

const file = new URL('../../../docs/reference/operator-options.md', import.meta.url)
writeFileSync(file, operatorPage())
