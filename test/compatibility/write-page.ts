import { writeFileSync } from 'node:fs'
import { compatibilityPage } from './page.ts'
import { sections } from './sections.ts'

const path = new URL('../../../docs/reference/compatibility.md', import.meta.url)
writeFileSync(path, compatibilityPage(sections))
