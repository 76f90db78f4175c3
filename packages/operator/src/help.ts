import { optionRows } from '@tetragon-ts/service/options'
import { certgenDeclarations } from './certgen/certgen-options.ts'
import { declarations } from './option-table.ts'

/** The text of --help. */
export function helpText(): string {
  return `tetragon-operator: installs Tetragon's CRDs in a Kubernetes cluster, writes PodInfo objects and the
status of policies

Usage: tetragon-operator serve [options]
       tetragon-operator certgen [options]
       tetragon-operator version

Options:
${optionRows(declarations)}
Options are also read from environment variables (TETRAGON_OPERATOR_KUBE_CONFIG=FILE), and from
files named like the option in --config-dir.
`
}

/** The text of `certgen --help`. */
export function certgenHelp(): string {
  return `tetragon-operator certgen: writes certificates for TLS between agents and clients into Secrets

Usage: tetragon-operator certgen [options]

Each run writes new certificates. The Secrets must exist; they may be empty.

Options:
${optionRows(certgenDeclarations)}`
}
