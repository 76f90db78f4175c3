import { writeFileSync } from 'node:fs'
import { errorCodesPage } from './page.ts'
import { sections } from './sections.ts'

const path = new URL('../../../docs/reference/error-codes.md', import.meta.url)
writeFileSync(path, errorCodesPage(sections))
