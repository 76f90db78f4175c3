import { fields, text } from '@tetragon-ts/kubernetes'
import { type Crd, versionLabel } from '@tetragon-ts/policy/crds'
import { compareVersions } from './schema-version.ts'

/** The folder of CRDs in the API. */
export const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** What to do about one CRD. */
export type CrdPlan =
  | { readonly action: 'create'; readonly name: string; readonly body: object }
  | {
      readonly action: 'upgrade' | 'replace'
      readonly name: string
      readonly body: object
      readonly from: string
    }
  | { readonly action: 'keep'; readonly name: string; readonly from: string }

/**
 * Decides what to do about a CRD. Labels, annotations and other metadata of others stay.
 * @param installed the object in the API server, of any content; undefined: there is none
 * @param force also replaces a schema that is not older
 */
export function planCrd(wanted: Crd, installed: unknown, force: boolean): CrdPlan {
  const { name } = wanted.metadata
  if (installed === undefined) return { action: 'create', name, body: wanted }
  const { metadata } = fields(installed)
  const labels = fields(fields(metadata).labels)
  const from = text(labels[versionLabel])
  const order = compareVersions(from, wanted.metadata.labels[versionLabel])
  if (order >= 0 && !force) return { action: 'keep', name, from }
  const body = {
    ...wanted,
    metadata: { ...fields(metadata), labels: { ...labels, ...wanted.metadata.labels } },
  }
  return { action: order < 0 ? 'upgrade' : 'replace', name, from, body }
}
