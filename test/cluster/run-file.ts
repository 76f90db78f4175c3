import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { reporterUrl, reporterVariables } from '../vm/case-reporter.ts'
import { type CaseRecord, parseRecord } from '../vm/case-results.ts'
import type { Cluster } from './cluster.ts'
import { addressVariable } from './installation.ts'

/**
 * Runs a test file with a cluster, and prints its results.
 * @param name name of the file in the results
 * @returns its cases; a process that failed without a failed case is one, too
 */
export async function runFile(
  file: string,
  name: string,
  { address, folder }: Cluster,
): Promise<readonly CaseRecord[]> {
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
  const cases = await readCases(results)
  if (exitCode === 0 || cases.some(({ outcome }) => outcome === 'failed')) return cases
  const error = `exit code ${exitCode}`
  const failure = { type: 'case', outcome: 'failed', durationMs: 0, error } as const
  return [...cases, { ...failure, file: name, name: '(whole file)' }]
}

async function readCases(results: string): Promise<readonly CaseRecord[]> {
  const lines = (await readFile(results, 'utf8').catch(() => '')).split('\n')
  return lines.map(parseRecord).filter((record) => record?.type === 'case')
}
