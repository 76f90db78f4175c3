import { optionRows } from '@tetragon-ts/options'
import { declarations } from './option-table.ts'

/** The text of --help. */
export function helpText(): string {
  return `tetragon-operator: installs Tetragon's CRDs in a Kubernetes cluster, writes PodInfo objects and the
status of policies

Usage: tetragon-operator serve [options]
       tetragon-operator version

Options:
${optionRows(declarations)}
Options are also read from environment variables (TETRAGON_OPERATOR_KUBE_CONFIG=FILE), and from
files named like the option in --config-dir.
`
}
