import { writeFileSync } from 'node:fs'
import { readLibrary } from '../cases/rules/library.ts'
import { rulesPage } from './page.ts'

const path = new URL('../../../docs/reference/rules.md', import.meta.url)
writeFileSync(path, rulesPage(readLibrary().linked))
