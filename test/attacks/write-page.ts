import { readCoverage } from './coverage.ts'
import { writePage } from './page.ts'

writePage(readCoverage())
