import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import type { Go } from './go.ts'

const output = 'k8s.io/kubernetes/pkg/generated/openapi'
/** Packages that upstream's build omits (build/root/Makefile.generated_files). */
const omitted = ['code-generator', 'sample-apiserver', 'kube-openapi', 'gengo']

/**
 * Generates `pkg/generated/openapi`, which the tarball lacks, like upstream's build.
 * @param tree the source
 * @param work folder for the generator and its report
 * @throws Error if the generator reports violations of API rules that are not in upstream's list
 */
export async function generateOpenApi(go: Go, tree: string, work: string): Promise<void> {
  const generator = join(work, 'openapi-gen')
  const report = join(work, 'violations')
  await go.build(tree, './vendor/k8s.io/kube-openapi/cmd/openapi-gen', generator)
  const inputs = (await taggedFolders(tree)).map((folder) => `k8s.io/kubernetes/${folder}`)
  await go.run(tree, [
    generator,
    ...['-O', 'zz_generated.openapi', '-i', inputs.join(','), '-p', output],
    ...['-h', 'vendor/k8s.io/code-generator/hack/boilerplate.go.txt', '-r', report],
    ...['--output-base', join(tree, '../..')],
  ])
  const expected = await readFile(join(tree, 'api/api-rules/violation_exceptions.list'), 'utf8')
  if ((await readFile(report, 'utf8')) !== expected) {
    throw new Error('generate openapi: the API rule violations are not those of upstream')
  }
}

async function taggedFolders(tree: string): Promise<string[]> {
  // The slash at the end: these are links into staging/.
  const search = 'grep -rl --include=*.go +k8s:openapi-gen= vendor/k8s.io/*/ pkg cmd'
  const files = (await runOrThrow('sh', ['-c', search], { cwd: tree })).trim().split('\n')
  const isWanted = (path: string) =>
    !omitted.some((name) => path.startsWith(`vendor/k8s.io/${name}/`))
  return [...new Set(files.filter(isWanted).map((path) => dirname(path)))].sort()
}
