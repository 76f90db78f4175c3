import { actionNames, actions } from '../actions/index.ts'
import { policyOptions } from '../checks/options.ts'
import { capabilityNames } from '../fields/capabilities.ts'
import { type Field, type ObjectSchema, type Schema, schemaOf } from '../fields/schema.ts'
import {
  type ArgumentKind,
  argumentTypeFacts,
  argumentTypeNames,
} from '../operators/argument-facts.ts'
import {
  argumentOperatorAliases,
  operatorRows,
  operatorsByKind,
} from '../operators/argument-operators.ts'
import { policySchema } from '../schema/tracing-policy.ts'

/** Longer enumerations have their own tables. */
const longestEnum = 16

function code(text: string): string {
  return `\`${text}\``
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

/** A table, padded like Markdown formatters do. */
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
    // These are not useful for authors.
    if (fieldSchema.kind === 'any') return []
    return [[code(name), typeName(fieldSchema), presence(field), fieldSchema.doc]]
  })
  const fields = table(['Field', 'Value', 'Default', 'Meaning'], rows)
  return `### ${schema.title}\n\n${schema.about}\n\n${fields}\n`
}

/** All objects below a schema, each once, in the order of their first occurrence. */
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
    const { effect, sections, fields, doc } = actions[name]
    const effects = { observe: 'no', enforce: 'yes' }
    return [
      code(name),
      Object.keys(fields).map(code).join(' '),
      sections.join(', '),
      effects[effect],
      doc,
    ]
  })
  return table(['Action', 'Fields', 'In', 'Enforces', 'Meaning'], rows)
}

function optionsTable(): string {
  const rows = [...policyOptions].map(([name, option]) => [
    code(name),
    option.allowed.length === 0 ? `number, ${option.range}` : option.allowed.map(code).join(' '),
    option.default === '' ? '' : code(option.default),
    option.noEffect === undefined ? option.doc : `${option.doc} No effect: ${option.noEffect}.`,
  ])
  return table(['Name', 'Value', 'Default', 'Meaning'], rows)
}

const introduction = `# TracingPolicy

<!-- Made from packages/policy/src: npm run generate -w packages/policy -->

A policy defines which functions of the kernel and of programs are hooked, which values are read,
which hits match, and which actions follow. It is a YAML document; a file can contain several.

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

All errors of a file are reported together, with line, column and path in the document. A policy
with an error is not loaded. The number of hooks, selectors, conditions, values and actions is limited
only by the kernel; an error names such a limit.
`

const selectorRules = `Selectors are evaluated in order, and the first match decides. All conditions of a selector must
match. The values of one condition are alternatives; with a negated operator none of them may match.
A hook without selectors posts every hit, and so does a selector without actions.

Numbers are decimal, or start with \`0x\`, \`0b\`, \`0o\` or \`0\` (octal). They are written as strings
in \`matchArgs\`, \`matchData\` and \`matchReturnArgs\`.
`

const keyRules = `The case of field names is ignored, as in Tetragon: a spelling other than the one here is a warning
that suggests the right one, and two spellings of one field in one object are an error. The API server of
Kubernetes accepts only the spellings here.

In \`spec\`, a field without a value (\`kprobes: null\`, or \`selectors:\` with nothing below it) is an
error, because it may have contained the conditions that restrict a policy. Workload selectors, node
selectors and fields with a default may be null.

The default of \`syscall\` in a kprobe is true. A call or list that can only be functions is hooked as
functions nevertheless, with a warning.
`

const actionRules = `Policies that select workloads (\`podSelector\`, \`containerSelector\`, \`hostSelector\`, the kind
TracingPolicyNamespaced) are refused with POLICY_UNSUPPORTED if the options of the agent that they
require are off; the message names the options.
`

/** Results of a refused policy, by its source. */
const doors: readonly (readonly string[])[] = [
  [
    '`tetra tracingpolicy add` (gRPC)',
    'FAILED_PRECONDITION with the reason; the state is `load_error`',
  ],
  ['`tetra tracingpolicy add --replace`', 'the same status; the loaded policy stays'],
  ['stored policies from gRPC, at start', 'the state is `load_error`; a warning in the log'],
  ['policy files, at start', 'the agent does not start; exit code 1'],
  [
    'the same, with `--tolerate-policy-errors`',
    'the state is `load_error`; a warning in the log; the agent is not ready',
  ],
  ['policy files, on SIGHUP', 'the loaded policy stays and shows the error; an error in the log'],
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
  const operators = [...operatorRows()].map(([{ values, meaning }, names]) => [
    names.map(code).join(' '),
    values,
    meaning,
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
    `Aliases: ${aliases}.\n`,
    '## Capabilities\n',
    `${capabilityNames.map(code).join(' ')}; \`CAP_DAC_OVERRIDE\` is also accepted.\n`,
    '## Actions\n',
    `${actionsTable()}\n`,
    actionRules,
    `${table(['Source of a refused policy', 'Result'], doors)}\n`,
    '## Settings\n',
    `${optionsTable()}\n`,
    '## Diagnostics\n',
    'Every diagnostic about a policy has one of the codes in [error-codes.md](error-codes.md#policies).',
  ].join('\n')}\n`
}
