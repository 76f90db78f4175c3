import { escapeUnprintable, type PolicyText } from '@tetragon-ts/api'
import { formatDiagnostics, type PolicyDocument, readPolicies } from '@tetragon-ts/policy'
import { parse, stringify } from 'yaml'
import { policyFiles, readPolicyText } from '../policy-text/read-policy.ts'
import { type Difference, differences } from './compare.ts'
import { type Normal, normalPolicy } from './normal-form.ts'

/** Comparison of a policy in a file with the loaded one. */
export interface Comparison {
  readonly name: string
  readonly file: string
  /** `missing`: it is not loaded; `extra`: it is in no file. */
  readonly state: 'same' | 'different' | 'missing' | 'extra'
  readonly differences: readonly Difference[]
}

const keyOf = (name: string, namespace: string): string => JSON.stringify([namespace, name])
const shownName = (name: string, namespace: string): string =>
  namespace === '' ? name : `${namespace}/${name}`

/** Reads the policies of files. @throws Error with all errors */
export async function readFiles(
  paths: readonly string[],
  stdin: Parameters<typeof readPolicyText>[1],
): Promise<PolicyDocument[]> {
  const documents: PolicyDocument[] = []
  for (const path of await policyFiles(paths)) {
    const text = await readPolicyText(path, stdin)
    const file = readPolicies(text, path === '-' ? '<stdin>' : path)
    const errors = file.diagnostics.filter(({ severity }) => severity === 'error')
    if (errors.length > 0) {
      throw new Error(formatDiagnostics(errors, text))
    }
    documents.push(...file.documents)
  }
  return documents
}

/** Compares policies in files with loaded ones. */
export function compare(documents: readonly PolicyDocument[], running: readonly PolicyText[]) {
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

/** Loaded policies that are in no file. */
export function extras(documents: readonly PolicyDocument[], running: readonly PolicyText[]) {
  const known = new Set(documents.map(({ policy }) => keyOf(policy.name, policy.namespace)))
  return running
    .filter(({ name = '', namespace = '' }) => !known.has(keyOf(name, namespace)))
    .map(({ name = '', namespace = '' }): Comparison => {
      return { name: shownName(name, namespace), file: '', state: 'extra', differences: [] }
    })
}

/** A value on one line if it is short, otherwise as YAML on the following lines. */
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

const words = { missing: 'is not loaded', extra: 'runs, but is in no file' } as const

/** A comparison as text; empty if nothing differs. */
export function textOf(comparison: Comparison): string {
  const { name, file, state } = comparison
  if (state === 'same') return ''
  if (state !== 'different') return `policy ${escapeUnprintable(name)} ${words[state]}\n`
  const lines = comparison.differences.flatMap(differenceLines)
  return `--- running policy ${escapeUnprintable(name)}\n+++ ${file}\n${lines.join('\n')}\n`
}
