import { access, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { mainKernel, middleKernel, oldestKernel } from './kernels.ts'
import { repositoryRoot } from './repository.ts'

/** A compiled test and the source it came from. Paths are relative to the repository. */
export interface TestFile {
  readonly source: string
  readonly compiled: string
}

/** Targets on this machine; all others are kernels in virtual machines. */
export const targetsHere: readonly string[] = ['unit', 'host', 'ci']

/** Whether the tests of a target ask the kernel that they run on. */
const runsKernelTests = (target: string) => target === 'host' || !targetsHere.includes(target)

/**
 * Kinds of tests by the suffix of their files, and where they run. A kernel runs only what the host
 * and the others cannot show: the rules are in docs/contributing.md.
 */
const kinds = {
  /** `x.every.test.ts`: this machine and every kernel of the matrix. */
  every: (target: string) => runsKernelTests(target),
  /** `x.kernel.test.ts`: the same without the middle kernel. */
  kernel: (target: string) => runsKernelTests(target) && target !== middleKernel,
  /** `x.versions.test.ts`: this machine and every kernel but the main one. */
  versions: (target: string) => runsKernelTests(target) && target !== mainKernel,
  /** `x.oldest.test.ts`: this machine, and the main and the oldest kernel of the matrix. */
  oldest: (target: string) => ['host', mainKernel, oldestKernel].includes(target),
  /** `x.portable.test.ts`: this machine, and every kernel only in a full run. */
  portable: (target: string) => target === 'host',
  /** `x.early.test.ts`: this machine and the oldest kernel of the matrix. */
  early: (target: string) => ['host', oldestKernel].includes(target),
  /** `x.middle.test.ts`: this machine and the middle kernel of the matrix, in `.ci/run`. */
  middle: (target: string) => ['host', middleKernel].includes(target),
  /** `x.vm.test.ts`: this machine and the main kernel of the matrix. */
  vm: (target: string) => target === 'host' || target === mainKernel,
  /** `x.host.test.ts`: this machine. */
  host: (target: string) => target === 'host',
  /** `x.ci.test.ts`: this machine, `.ci/run` and full runs only. */
  ci: (target: string) => target === 'ci',
  /** `x.test.ts`: needs no kernel. */
  unit: (target: string) => target === 'unit',
  /** `x.cluster.test.ts`: a Kubernetes cluster on this machine, `npm run test:cluster` only. */
  cluster: () => false,
} as const satisfies Record<string, (target: string) => boolean>

export type TestKind = keyof typeof kinds

/** The kind of a compiled file, if it is a test. */
export function testKind(path: string): TestKind | undefined {
  const end =
    /\.(?:(every|kernel|versions|oldest|portable|early|middle|vm|host|ci|cluster)\.)?test\.js$/.exec(
      path,
    )
  return end === null ? undefined : ((end[1] ?? 'unit') as TestKind)
}

/**
 * The kinds that run on a target: one of {@link targetsHere}, or a kernel.
 * @param full whether each kernel runs all cases
 */
export function kindsOf(target: string, full: boolean): TestKind[] {
  const all = Object.keys(kinds) as TestKind[]
  const isKernel = !targetsHere.includes(target)
  if (full && isKernel) {
    const matrix = [mainKernel, middleKernel, oldestKernel]
    const isForKernels = (kind: TestKind) => matrix.some((kernel) => kinds[kind](kernel))
    return all.filter((kind) => kind === 'portable' || isForKernels(kind))
  }
  return all.filter((kind) => kinds[kind](target))
}

/**
 * Lists the compiled tests of every package and of this folder, in a stable order. Leftovers of
 * removed sources in dist are ignored.
 */
export async function findTests(kinds: readonly TestKind[]): Promise<TestFile[]> {
  const packages = await readdir(join(repositoryRoot, 'packages'))
  const folders = [
    ...packages.map((name) => ({ dist: `packages/${name}/dist`, source: `packages/${name}/src` })),
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
