import { markdownTable } from '../markdown-table.ts'
import type { ComparedValue } from './comparison.ts'

/** Sections of the page with the paths of their values; the first one that fits. */
const sections: readonly (readonly [title: string, paths: RegExp])[] = [
  ['Certificates', /^(certgen|tetragon\.grpc\.tls)\./],
  ['Hooks of the container runtime', /^rthooks\./],
  ['Agent', /^tetragon\./],
  ['Container export-stdout', /^export\./],
  ['Operator', /^tetragonOperator\./],
  ['Console', /^console\./],
  ['DaemonSet, Service and CRDs', /^/],
]
const longest = 48

/** The page docs/reference/helm-values.md. */
export function valuesPage(values: readonly ComparedValue[]): string {
  const remaining = [...values]
  const parts = sections.map(([title, paths]) => {
    const own = remaining.filter(({ path }) => paths.test(path))
    for (const value of own) remaining.splice(remaining.indexOf(value), 1)
    return `## ${title}\n\n${markdownTable(['value', 'default', 'here', 'meaning', 'note'], own.map(row))}`
  })
  return `# Values of the Helm chart

Every value of Tetragon's chart (August 2026) and of [ours](../../deploy/helm/tetragon/README.md), and
its state here. Generated from values.yaml and test/helm-values, and compared by a test:
\`node test/dist/helm-values/write-files.js\` writes it, and the schema of the chart.

- **same**: same name, default and meaning
- **better**: compatible, with improvements
- **no effect**: accepted, so that values for Tetragon's chart can be used unchanged. Helm prints a
  warning if the value is not the default. Values of a group with \`enabled\` count only if that is
  true.
- **only here**: Tetragon's chart does not have it

Other names, and values of another type, are errors.

${parts.reverse().join('\n')}`
}

function row({ path, state, default: initial, meaning, note }: ComparedValue): string[] {
  const text = JSON.stringify(initial)
  const shown = text.length > longest ? 'see values.yaml' : `\`${text}\``
  const here = state === 'omitted' ? 'no effect' : state
  return [`\`${path}\``, shown, here, meaning.replace(/\.$/, ''), note]
}
