import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeKernel, describedKernel } from '@tetragon-ts/compiler/kernel-description'
import { OpenUserFile } from '@tetragon-ts/compiler/running-kernel'
import { describedNames, knownDescriptions } from '../../vm/kernel-descriptions.ts'
import { repositoryRoot } from '../../vm/repository.ts'
import { allCases } from './all-cases.ts'
import { caseOnKernel } from './case-on-kernel.ts'
import { caseTitle } from './policy-case.ts'
import { resultsDocument, TableError, type TableKernel } from './results-table.ts'
import { variablesOf } from './run-case.ts'

/** Path of the document. */
export const tableFile = join(repositoryRoot, 'docs', 'reference', 'policy-cases.md')

/** Checks all cases for a described kernel, with the files of this machine. */
async function columnOf(name: string, folder: string): Promise<TableKernel> {
  const path = knownDescriptions().get(name)
  if (path === undefined) {
    const advice = `run: npm run describe:kernels ${name}`
    throw new TableError(`write table: kernel ${name} is not described; ${advice}`)
  }
  const open = (file: string) => OpenUserFile.open('/', file)
  const kernel = describedKernel(await decodeKernel(readFileSync(path)), {
    openUserFile: open,
    *userFiles(file) {
      using opened = open(file)
      yield opened
    },
  })
  const place = { folder }
  const results = new Map()
  for (const policyCase of allCases) {
    const variables = { ...(await variablesOf(policyCase, place)), pid: 1 }
    results.set(caseTitle(policyCase), caseOnKernel(policyCase, kernel, variables))
  }
  return { name, release: kernel.release, results }
}

/** Program: writes the table from descriptions: those of the matrix's kernels, and of this one. */
if (process.argv[1]?.endsWith('write-table.js')) {
  const folder = mkdtempSync(join(tmpdir(), 'policy-cases-'))
  try {
    const names = ['host', ...describedNames.filter((name) => name !== 'host')]
    const kernels: TableKernel[] = []
    for (const name of names) kernels.push(await columnOf(name, folder))
    writeFileSync(tableFile, resultsDocument(allCases, kernels))
  } catch (error) {
    if (!(error instanceof TableError)) throw error
    console.error(error.message)
    process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true })
  }
}
