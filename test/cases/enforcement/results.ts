import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'
import { guestKernel } from '@tetragon-ts/agent/testing'
import { repositoryRoot } from '../../vm/repository.ts'
import type { WayName } from './ways.ts'

/** What becomes of an operation that a policy forbids. */
export type Verdict = 'prevented' | 'killed before' | 'killed after'

/** By the title of the operation. An operation that a way cannot forbid has no verdict. */
export type Results = Record<string, Partial<Record<WayName, Verdict>>>

/** What was observed on a kernel. */
interface Observed {
  readonly release: string
  readonly results: Results
}

const committed = join(repositoryRoot, 'test/cases/enforcement/results')

/** Without a file nothing is known. */
function read(kernel: string): Partial<Observed> {
  const path = join(committed, `${kernel}.json`)
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { release: release() }
}

/** Results in the repository, by kernel: the oldest first, this host last. */
export function committedResults(): Map<string, Results> {
  const names = readdirSync(committed).map((file) => file.replace(/\.json$/, ''))
  names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return new Map(names.map((name) => [name, read(name).results ?? {}]))
}

/**
 * Compares results with those of the repository. On a host with another kernel there is nothing to
 * compare with. The error has the results, since a virtual machine writes no files.
 * @param names of the ways that were tried
 * @param isTried whether a way was tried at the operation with this title
 */
export function checkResults(
  results: Results,
  names: readonly WayName[],
  isTried: (title: string, name: WayName) => boolean,
): void {
  const kernel = guestKernel ?? 'host'
  const text = JSON.stringify({ release: release(), results })
  const known = read(kernel)
  if (guestKernel === undefined && known.release !== release()) return
  const expected = Object.entries(known.results ?? {}).map(([title, verdicts]) => {
    const tried = names.filter((name) => verdicts[name] && isTried(title, name))
    return [title, Object.fromEntries(tried.map((name) => [name, verdicts[name]]))]
  })
  assert.deepEqual(
    results,
    Object.fromEntries(expected),
    `write this to ${kernel}.json, if it is right: ${text}`,
  )
}
