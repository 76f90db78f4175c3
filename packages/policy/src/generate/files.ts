import { everythingPolicy } from '../schema/everything-policy.ts'
import { crdFile, podInfoCrd, policyCrds } from './crd.ts'
import { editorSchemaFile } from './json-schema.ts'
import { referencePage } from './reference-page.ts'

/** A file of the repository that is generated from the schema. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string
  readonly content: string
}

/** All generated files. */
export function generatedFiles(): GeneratedFile[] {
  // The chart has copies: Helm reads files in the chart's folder only.
  const crds = ['deploy/crds', 'deploy/helm/tetragon/crds-yaml'].flatMap((folder) =>
    [...policyCrds(), podInfoCrd()].map((crd) => ({
      path: `${folder}/cilium.io_${crd.spec.names.plural}.yaml`,
      content: crdFile(crd),
    })),
  )
  return [
    ...crds,
    { path: 'packages/policy/examples/everything.yaml', content: everythingPolicy() },
    { path: 'packages/policy/schema/tracing-policy.schema.json', content: editorSchemaFile() },
    { path: 'docs/reference/tracing-policy.md', content: referencePage() },
  ]
}
