import type { Alert } from '../summaries/alert-groups.ts'

/** Days until the exception expires. */
const days = 30
const dayMs = 86_400_000

type Excepted = Pick<Alert, 'rule' | 'title' | 'binary' | 'parent' | 'pod'>

/**
 * A filter in the format Sigma that excepts an alert: its program below its parent, in its
 * namespace. Filters do not apply to policies and correlations.
 * @param now milliseconds since 1970
 */
export function exceptionText({ rule, title, binary, parent, pod }: Excepted, now: number): string {
  const fields = [
    ['Image|cased', binary],
    ['ParentImage|cased', parent],
    ['process.pod.namespace|cased', pod.split('/')[0]],
  ].filter(([, value]) => value !== '')
  return [
    `title: ${quoted(`Exception of ${title}`)}`,
    'logsource: { product: linux }',
    'filter:',
    `  rules: [${quoted(rule)}]`,
    '  excepted:',
    ...fields.map(([field, value]) => `    ${field}: ${quoted(literal(value))}`),
    '  condition: not excepted',
    'owner: your team',
    `expires: ${new Date(now + days * dayMs).toISOString().slice(0, 10)}`,
    '',
  ].join('\n')
}

/** Wildcards of Sigma as the characters that they are. */
function literal(text: string): string {
  return text.replace(/[*?\\]/g, '\\$&')
}

/** A text of YAML on one line, in printable ASCII only. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
