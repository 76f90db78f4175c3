import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { reporterUrl, reporterVariables } from '../vm/case-reporter.ts'
import { type CaseRecord, parseRecord } from '../vm/case-results.ts'
import { caseLine } from '../vm/matrix-table.ts'
import type { Cluster } from './cluster.ts'
import { addressVariable } from './installation.ts'

/**
 * Runs a test file with a cluster, and prints its results.
 * @param name name of the file in failures
 * @returns a text for each failure
 */
export async function runFile(
  file: string,
  name: string,
  { address, folder }: Cluster,
): Promise<readonly string[]> {
  const results = join(folder, 'results.jsonl')
  await rm(results, { force: true })
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${reporterUrl}`, '--test-reporter-destination=stderr'],
  ]
  // It ends with this process, even if that is killed, and so does a node that it has started.
  const node = ['--pdeathsig', 'KILL', process.execPath, '--enable-source-maps']
  const child = spawn('setpriv', [...node, ...reporters, file], {
    stdio: 'inherit',
    env: {
      ...process.env,
      [addressVariable]: JSON.stringify(address),
      [reporterVariables.results]: results,
      [reporterVariables.file]: name,
    },
  })
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  if (exitCode === 0) return []
  const failures = (await failedCases(results)).map((record) => caseLine('cluster', record))
  return failures.length > 0 ? failures : [`cluster FAIL ${name} (exit code ${exitCode})`]
}

async function failedCases(results: string): Promise<readonly CaseRecord[]> {
  const lines = (await readFile(results, 'utf8').catch(() => '')).split('\n')
  return lines
    .map(parseRecord)
    .filter((record) => record?.type === 'case')
    .filter(({ outcome }) => outcome === 'failed')
}
