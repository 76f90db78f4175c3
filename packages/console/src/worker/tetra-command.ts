import { type Event, findEventKind, shellQuote } from '@tetragon-ts/api'

/**
 * The command line of `tetra` that prints events of the same kind, policy, binary and pod. Names
 * are chosen by attackers: it has printable ASCII only, in quotes for shells.
 */
export function tetraCommand(event: Event): string {
  const { key, body } = event
  const words = ['tetra', 'getevents', '--event-types', findEventKind(key)!.name]
  const process = 'process' in body ? body.process : undefined
  if (process?.binary) words.push('--process', wholePattern(process.binary))
  if (process?.pod) {
    words.push('--namespace-regex', wholePattern(process.pod.namespace ?? ''))
    words.push('--pod', wholePattern(process.pod.name ?? ''))
  } else if (process !== undefined) words.push('--host')
  const policy = 'policy_name' in body ? body.policy_name : undefined
  if (policy) words.push(...policyOptions(key, policy))
  return words.map(shellQuote).join(' ')
}

/** A pattern for the whole text. Lists are split at commas, so that also these are escaped. */
function wholePattern(text: string): string {
  const hex = (character: string) => `\\x{${character.codePointAt(0)!.toString(16)}}`
  return `^${text.replace(/[^\w/-]/gu, (it) => (it === '.' ? '\\.' : hex(it)))}$`
}

function policyOptions(key: string, name: string): string[] {
  if (/^[\w.-]+$/.test(name)) return ['--policy-names', name]
  return ['--cel-expression', `${key}.policy_name.matches("${celText(wholePattern(name))}")`]
}

/** The content of a string of CEL. */
function celText(text: string): string {
  return text.replaceAll('\\', '\\\\')
}
