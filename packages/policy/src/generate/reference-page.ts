import { actionFacts } from '../checks/action-table.ts'
import { policyOptions } from '../checks/options.ts'
import { argumentTypeNames } from '../model/index.ts'
import { type ArgumentKind, argumentTypeFacts } from '../operators/argument-facts.ts'
import { operatorsByKind } from '../operators/operator-table.ts'
import { actionNames } from '../schema/action.ts'
import { capabilityNames } from '../schema/capabilities.ts'
import { argumentOperatorAliases } from '../schema/operators.ts'
import { type Field, type ObjectSchema, type Schema, schemaOf } from '../schema/schema.ts'
import { policySchema } from '../schema/tracing-policy.ts'
import { operatorDocs } from './operator-docs.ts'

/** Longer enumerations have tables of their own. */
const longestEnum = 16

function code(text: string): string {
  return `\`${text}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** A table, padded as formatters of Markdown do. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(cell))
  const widths = head.map((_, i) => Math.max(...cells.map((row) => [...row[i]].length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((text, i) => text + ' '.repeat(widths[i] - [...text].length)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n')
}

function typeName(schema: Schema): string {
  switch (schema.kind) {
    case 'list':
      return `list of ${typeName(schema.item)}`
    case 'map':
      return `map of ${typeName(schema.value)}`
    case 'object':
      return `[${schema.title}](#${schema.title.toLowerCase()})`
    case 'enum': {
      const values = schema.values.filter((value) => value !== '')
      return values.length > longestEnum ? 'word' : values.map(code).join(' ')
    }
    case 'integer':
      return `number ${schema.min} to ${schema.max}`
    case 'wide':
      return 'number, 64 bits'
    case 'boolean':
      return 'true or false'
    default:
      return schema.kind === 'any' ? 'anything' : 'string'
  }
}

function presence(field: Field): string {
  if (field.kind === 'required') return 'required'
  if (field.kind !== 'default' || field.value === '') return ''
  return code(String(field.value))
}

function objectSection(schema: ObjectSchema): string {
  const rows = Object.entries(schema.fields).flatMap(([name, field]) => {
    const fieldSchema = schemaOf(field)
    // Those are of no use to authors.
    if (fieldSchema.kind === 'any') return []
    return [[code(name), typeName(fieldSchema), presence(field), fieldSchema.doc]]
  })
  const fields = table(['Field', 'Value', 'Default', 'Meaning'], rows)
  return `### ${schema.title}\n\n${schema.about}\n\n${fields}\n`
}

/** All objects below a schema in the order in which they are met, each once. */
function objectsOf(schema: Schema, seen: Map<string, ObjectSchema> = new Map()) {
  if (schema.kind === 'list') objectsOf(schema.item, seen)
  if (schema.kind === 'map') objectsOf(schema.value, seen)
  if (schema.kind !== 'object' || seen.has(schema.title)) return seen
  seen.set(schema.title, schema)
  for (const field of Object.values(schema.fields)) objectsOf(schemaOf(field), seen)
  return seen
}

function kindName(kind: ArgumentKind): string {
  return kind === 'unknown' ? 'as declared' : kind
}

function typesTable(): string {
  const rows = argumentTypeNames.map((name) => {
    const { kind, doc } = argumentTypeFacts[name]
    return [code(name), kindName(kind), doc]
  })
  return table(['Type', 'Kind', 'Value'], rows)
}

function kindsTable(): string {
  const rows = Object.entries(operatorsByKind)
    .filter(([kind]) => kind !== 'unknown')
    .map(([kind, operators]) => [
      kind,
      operators.length === 0 ? 'none' : operators.map(code).join(' '),
    ])
  return table(['Kind', 'Operators'], rows)
}

function actionsTable(): string {
  const rows = actionNames.map((name) => {
    const { effect, sections, fields, doc } = actionFacts[name]
    const effects = { observe: 'no', enforce: 'yes', 'enforce-later': 'not in this release' }
    return [code(name), fields.map(code).join(' '), sections.join(', '), effects[effect], doc]
  })
  return table(['Action', 'Fields', 'In', 'Enforces', 'Meaning'], rows)
}

function optionsTable(): string {
  const rows = [...policyOptions].map(([name, option]) => [
    code(name),
    option.allowed.length === 0 ? 'number' : option.allowed.map(code).join(' '),
    option.default === '' ? '' : code(option.default),
    option.noEffect === undefined ? option.doc : `${option.doc} No effect: ${option.noEffect}.`,
  ])
  return table(['Name', 'Value', 'Default', 'Meaning'], rows)
}

const introduction = `# TracingPolicy

<!-- Made from packages/policy/src: npm run generate -w packages/policy -->

A policy says which places of the kernel and of programs are hooked, what is read there, which hits
count and what happens then. It is a YAML document; a file may hold several of them.

\`\`\`yaml
apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: passwords-read
spec:
  kprobes:
    - call: security_file_permission
      syscall: false
      args:
        - index: 0
          type: file
      selectors:
        - matchArgs:
            - index: 0
              operator: Equal
              values: ["/etc/shadow"]
\`\`\`

A file is checked as a whole: every mistake is reported with its line, its column and its place in
the document. A policy with an error is not loaded. There are no limits on the number of hooks,
selectors, conditions, values and actions; where the kernel has a limit, the error says so.
`

const selectorRules = `Selectors are tried in their order, and the first that matches decides. All that stands in a
selector has to hold. Values of one condition are alternatives; with a negated operator none of them
may fit. A hook without selectors posts every hit, and so does a selector without actions.

Numbers are decimal, or begin with \`0x\`, \`0b\`, \`0o\` or \`0\` (octal). They are written as strings
in \`matchArgs\`, \`matchData\` and \`matchReturnArgs\`.
`

const keyRules = `Names of fields are taken without regard to case, as Tetragon does: another spelling than the one
here is a warning that names the right one, and two spellings of one field in one place are an error.
The API server of Kubernetes knows only the spellings here.

In \`spec\` a field without a value (\`kprobes: null\`, or \`selectors:\` with nothing below it) is an
error, since it might have held everything that restricts a policy. The selectors of workloads and
nodes, and fields with a default, may be null.

\`syscall\` of a kprobe is true where it is left out. A call or a list that can only mean functions is
hooked as functions all the same, with a warning.
`

const actionRules = `Actions that are marked "not in this release" are refused, with the code POLICY_ENFORCEMENT, unless
the policy is in the mode \`monitor\`: through \`policy-mode\` in \`spec.options\`, with
\`tetra tracingpolicy add --mode monitor\`, or with \`tetra tracingpolicy set-mode\`. In that mode matches are
posted and counted (column NMONITOR of \`tetra tracingpolicy list\`).

\`uprobes\`, \`usdts\`, \`loader\`, \`podSelector\`, \`containerSelector\` and the kind
TracingPolicyNamespaced are refused with POLICY_UNSUPPORTED.
`

/** What becomes of a refused policy, by where it is met. */
const doors: readonly (readonly string[])[] = [
  [
    '`tetra tracingpolicy add` (gRPC)',
    'FAILED_PRECONDITION with the reason; the state is `load_error`',
  ],
  ['`tetra tracingpolicy add --replace`', 'the same status; the policy that runs goes on'],
  ['policies kept over gRPC, at start', 'the state is `load_error`; a warning in the log'],
  ['files of policies, at start', 'the agent does not start; exit code 1'],
  [
    'files of policies, on SIGHUP',
    'the policy that runs goes on and shows the error; an error in the log',
  ],
  ['`tetra tracingpolicy set-mode NAME enforce`', 'FAILED_PRECONDITION; the mode stays'],
  ['`tetra tracingpolicy validate`, `tetragon compile`', 'an error with its position; exit code 1'],
  ['`tetra policytest run`', 'the test is `refused`, with the reason'],
]

/** The reference page of the policy language. */
export function referencePage(): string {
  const objects = [...objectsOf(policySchema).values()]
  const aliases = Object.entries(argumentOperatorAliases)
    .map(([alias, name]) => `${code(alias)} for ${code(name)}`)
    .join(', ')
  const operators = operatorDocs.map(([names, values, doc]) => [
    names.map(code).join(' '),
    values,
    doc,
  ])
  return `${[
    introduction,
    '## Fields\n',
    ...objects.map(objectSection),
    '## Spelling\n',
    keyRules,
    '## Selectors\n',
    selectorRules,
    '## Argument types\n',
    `${typesTable()}\n`,
    '## Operators\n',
    `${kindsTable()}\n`,
    `${table(['Operator', 'Values', 'Meaning'], operators)}\n`,
    `Other spellings are taken too: ${aliases}.\n`,
    '## Capabilities\n',
    `${capabilityNames.map(code).join(' ')}; \`CAP_DAC_OVERRIDE\` is taken as well.\n`,
    '## Actions\n',
    `${actionsTable()}\n`,
    actionRules,
    `${table(['Where a refused policy is met', 'What happens'], doors)}\n`,
    '## Settings\n',
    `${optionsTable()}\n`,
    '## Messages\n',
    'Every message about a policy has one of the codes in [error-codes.md](error-codes.md#policies).',
  ].join('\n')}\n`
}
