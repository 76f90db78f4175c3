import { access, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { repositoryRoot } from './repository.ts'

/** A compiled test and the source it came from. Paths are relative to the repository. */
export interface TestFile {
  readonly source: string
  readonly compiled: string
}

/**
 * Tests that run anywhere, cases that every kernel runs, and cases that need a kernel and mean no more on
 * another one: those run on this machine only.
 */
export type TestKind = 'unit' | 'kernel' | 'host'

/** Which kind a compiled file is, if it is a test at all. */
export function testKind(path: string): TestKind | undefined {
  if (!path.endsWith('.test.js')) return undefined
  const kind = /\.(kernel|host)\.test\.js$/.exec(path)?.[1]
  return kind === undefined ? 'unit' : (kind as TestKind)
}

/**
 * Lists the compiled tests of every package and of this folder, in a stable order. What is left in
 * dist of a source that is gone does not count.
 */
export async function findTests(kinds: readonly TestKind[]): Promise<TestFile[]> {
  const packages = await readdir(join(repositoryRoot, 'packages'))
  const folders = [
    ...packages.map((name) => ({
      dist: `packages/${name}/dist`,
      source: `packages/${name}/src`,
    })),
    { dist: 'test/dist', source: 'test' },
    { dist: 'bench/dist', source: 'bench' },
  ]
  const tests: TestFile[] = []
  for (const { dist, source } of folders) {
    for (const path of await listFiles(join(repositoryRoot, dist))) {
      const kind = testKind(path)
      if (kind === undefined || !kinds.includes(kind)) continue
      const test = {
        source: join(source, path.replace(/\.js$/, '.ts')),
        compiled: join(dist, path),
      }
      if (await exists(join(repositoryRoot, test.source))) tests.push(test)
    }
  }
  return tests.sort((a, b) => (a.source < b.source ? -1 : 1))
}

async function listFiles(folder: string): Promise<string[]> {
  if (!(await exists(folder))) return []
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
