import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TargetResult } from '../../vm/case-results.ts'
import { matrixKernels } from '../../vm/kernels.ts'
import { cachePath, repositoryRoot } from '../../vm/repository.ts'
import { allCases } from './all-cases.ts'
import { resultsDocument, TableError } from './results-table.ts'

/** Path of the document. */
export const tableFile = join(repositoryRoot, 'docs', 'reference', 'policy-cases.md')

function readResults(target: string): TargetResult {
  const path = cachePath('results', `${target}.json`)
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TargetResult
  } catch (error) {
    throw new TableError(
      `write table: no results of ${target} (${(error as Error).message}); run ` +
        `npm run test:vm -- ${target} --full --only cases/policies`,
    )
  }
}

/**
 * Program: writes the table from the last results, of this machine and of every kernel unless
 * targets are given: `write-table.js [TARGET...]`.
 */
if (process.argv[1]?.endsWith('write-table.js')) {
  const named = process.argv.slice(2)
  const all = ['host', ...matrixKernels.map(({ name }) => name)]
  const targets = named.length > 0 ? named : all
  try {
    writeFileSync(tableFile, resultsDocument(allCases, targets.map(readResults)))
  } catch (error) {
    if (!(error instanceof TableError)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
