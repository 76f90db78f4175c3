import { existsSync } from 'node:fs'
import { cp, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOrThrow } from '@tetragon-ts/test/archives'
import { parseAllDocuments } from 'yaml'
import { repositoryRoot, sharedCachePath } from '../vm/repository.ts'
import { recipeHash } from './build/recipe.ts'

/** The source of the chart: what is packed is the same. */
const chart = join(repositoryRoot, 'deploy/helm/tetragon')

/** The fields of an object of Kubernetes that tests of the chart read. */
export interface RenderedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string }
  // biome-ignore lint/suspicious/noExplicitAny: each kind has other fields.
  readonly spec?: any
  /** Of a ConfigMap. */
  readonly data?: Readonly<Record<string, string>>
  readonly subjects?: readonly { readonly name: string }[]
}

const helm = sharedCachePath('cluster', recipeHash(), 'bin/helm')

/** No settings of the user, and no cluster. */
const env = { HOME: join(tmpdir(), 'none') }

/** Why the chart cannot be rendered here, for `skip`; false: it can. */
export const noHelm: string | false =
  !existsSync(helm) && 'npm run test:cluster has not built its programs yet, among them helm'

/**
 * The objects of the chart for these values, without a cluster.
 * @param values as for `--set`
 * @param folder the chart
 * @throws Error with the message of helm
 */
export async function renderChart(
  values: readonly string[] = [],
  kubernetes = '1.34.0',
  folder: string = chart,
): Promise<readonly RenderedObject[]> {
  const options = values.flatMap((value) => ['--set', value])
  const version = ['--kube-version', kubernetes, '--namespace', 'kube-system']
  const text = await runOrThrow(helm, ['template', 'tetragon', folder, ...version, ...options], {
    env,
  })
  const documents = parseAllDocuments(text).map((document) => document.toJS() as unknown)
  return documents.filter((each) => each !== null) as RenderedObject[]
}

/**
 * What helm prints after an installation with these values. helm shows it with a cluster only, so
 * it is rendered as an object of a copy of the chart.
 */
export async function notesOf(values: readonly string[]): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'rendered-chart-'))
  try {
    await cp(chart, copy, { recursive: true })
    await rename(join(copy, 'templates/NOTES.txt'), join(copy, 'notes.txt'))
    const object = 'kind: Notes\nspec: {{ tpl (.Files.Get "notes.txt") . | toJson }}\n'
    await writeFile(join(copy, 'templates/notes.yaml'), object)
    return String(objectOf(await renderChart(values, undefined, copy), 'Notes').spec)
  } finally {
    await rm(copy, { recursive: true })
  }
}

/** The only object of a kind, and of a name if that is given. */
export function objectOf(
  objects: readonly RenderedObject[],
  kind: string,
  name?: string,
): RenderedObject {
  const found = objects.filter(
    (each) => each.kind === kind && (name === undefined || each.metadata.name === name),
  )
  if (found.length !== 1) throw new Error(`${found.length} objects ${kind} ${name ?? ''}`)
  return found[0]!
}
