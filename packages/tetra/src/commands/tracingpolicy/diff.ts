import { escapeUnprintable, type PolicyText } from '@tetragon-ts/api'
import { formatDiagnostic, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { parse, stringify } from 'yaml'
import { connectionOptions } from '../../connection/connection-options.ts'
import { withAgent } from '../../connection/with-agent.ts'
import { defineCommand } from '../../define-command.ts'
import { type Difference, differences } from '../../diff/compare.ts'
import { type Normal, normalPolicy } from '../../diff/normal-form.ts'
import { jsonLine } from '../../json-text.ts'
import { UsageError } from '../../usage-error.ts'
import { policyFiles, readPolicyText } from './read-policy.ts'

/** A policy of a file against what runs. */
interface Comparison {
  readonly name: string
  readonly file: string
  /** `missing`: the agent has none of that name; `extra`: no file has it. */
  readonly state: 'same' | 'different' | 'missing' | 'extra'
  readonly differences: readonly Difference[]
}

const keyOf = (name: string, namespace: string): string => JSON.stringify([namespace, name])
const shownName = (name: string, namespace: string): string =>
  namespace === '' ? name : `${namespace}/${name}`

async function readFiles(
  paths: readonly string[],
  stdin: Parameters<typeof readPolicyText>[1],
): Promise<PolicyDocument[]> {
  const documents: PolicyDocument[] = []
  for (const path of await policyFiles(paths)) {
    const text = await readPolicyText(path, stdin)
    const file = readPolicies(text, path === '-' ? '<stdin>' : path)
    const errors = file.diagnostics.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) {
      throw new Error(errors.map((error) => formatDiagnostic(error, text)).join('\n'))
    }
    documents.push(...file.documents)
  }
  return documents
}

function compare(documents: readonly PolicyDocument[], running: readonly PolicyText[]) {
  const byKey = new Map(running.map((each) => [keyOf(each.name ?? '', each.namespace ?? ''), each]))
  return documents.map(({ policy, file, text }): Comparison => {
    const { name, namespace } = policy
    const found = byKey.get(keyOf(name, namespace))
    const shown = { name: shownName(name, namespace), file }
    if (found === undefined) return { ...shown, state: 'missing', differences: [] }
    const list = differences(normalPolicy(parse(found.yaml ?? '')), normalPolicy(parse(text)))
    return { ...shown, state: list.length === 0 ? 'same' : 'different', differences: list }
  })
}

/** Running policies that are in no file. */
function extras(documents: readonly PolicyDocument[], running: readonly PolicyText[]) {
  const known = new Set(documents.map(({ policy }) => keyOf(policy.name, policy.namespace)))
  return running
    .filter(({ name = '', namespace = '' }) => !known.has(keyOf(name, namespace)))
    .map(({ name = '', namespace = '' }): Comparison => {
      return { name: shownName(name, namespace), file: '', state: 'extra', differences: [] }
    })
}

/** A value on one line if it is short, else as YAML below. */
function valueLines(sign: string, path: string, value: Normal): string[] {
  if (typeof value !== 'object') return [`${sign} ${path}: ${escapeUnprintable(String(value))}`]
  const text = stringify(value, { lineWidth: 100, flowCollectionPadding: false }).trimEnd()
  return [
    `${sign} ${path}:`,
    ...text.split('\n').map((line) => `${sign}   ${escapeUnprintable(line)}`),
  ]
}

function differenceLines({ path, before, after }: Difference): string[] {
  return [
    ...(before === undefined ? [] : valueLines('-', path, before)),
    ...(after === undefined ? [] : valueLines('+', path, after)),
  ]
}

const words = {
  missing: 'is not loaded',
  extra: 'runs, but is in no file',
} as const

function textOf(comparison: Comparison): string {
  const { name, file, state } = comparison
  if (state === 'same') return ''
  if (state !== 'different') return `policy ${escapeUnprintable(name)} ${words[state]}\n`
  const lines = comparison.differences.flatMap(differenceLines)
  return `--- running policy ${escapeUnprintable(name)}\n+++ ${file}\n${lines.join('\n')}\n`
}

const trouble = 2

/** `tetra tracingpolicy diff FILE…` */
export const diff = defineCommand({
  name: 'diff',
  parent: 'tracingpolicy',
  summary: 'Show how policies of files differ from those that run',
  operands: 'FILE|FOLDER...',
  description:
    'What means the same is the same: comments, defaults and the order of fields do not matter. The\n' +
    'exit code is 0 if nothing differs, 1 if something does, 2 in case of trouble.',
  options: {
    all: { kind: 'flag', help: 'Policies that run and are in no file differ as well' },
    domain: { kind: 'text', value: 'NAME', default: '', help: 'Only policies of this domain' },
    output: {
      kind: 'text',
      short: 'o',
      value: 'FORMAT',
      default: 'text',
      choices: ['text', 'json'],
      help: 'Form of the output; json is one object a policy and line',
    },
    ...connectionOptions,
  },
  examples: [
    ['tetra tracingpolicy diff policy.yaml', 'What loading the file would change'],
    ['tetra tp diff --all policies/', 'Whether a machine runs exactly these, for CI'],
  ],
  run: async ({ values, operands, streams }) => {
    if (operands.length === 0) throw new UsageError('FILE is missing')
    try {
      const documents = await readFiles(operands, streams.stdin)
      const { policies = [] } = await withAgent(values, (agent) => agent.call('GetPolicies', {}))
      const running = policies.filter(({ domain }) => {
        return values.domain === '' || domain === values.domain
      })
      const compared = compare(documents, running)
      const all = values.all ? [...compared, ...extras(documents, running)] : compared
      for (const comparison of all) {
        const isJson = values.output === 'json'
        streams.stdout.write(isJson ? jsonLine(comparison) : textOf(comparison))
      }
      return all.every(({ state }) => state === 'same') ? 0 : 1
    } catch (error) {
      if (error instanceof UsageError) throw error
      const lines = (error as Error).message.split('\n').map(escapeUnprintable)
      streams.stderr.write(`tetra: ${lines.join('\n')}\n`)
      return trouble
    }
  },
})
