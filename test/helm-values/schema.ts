import type { ComparedValue } from './comparison.ts'

/** The part of JSON Schema that Helm's validation needs here. */
interface Schema {
  $schema?: string
  type?: string | readonly string[]
  description?: string
  enum?: readonly unknown[]
  minimum?: number
  maximum?: number
  items?: Schema
  properties?: Record<string, Schema>
  additionalProperties?: boolean
}

const pullPolicies = ['Always', 'IfNotPresent', 'Never']
const choices: Readonly<Record<string, readonly unknown[]>> = {
  'certgen.image.pullPolicy': pullPolicies,
  'console.image.pullPolicy': pullPolicies,
  'crds.installMethod': ['operator', 'helm', 'none'],
  dnsPolicy: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
  'export.mode': ['stdout', ''],
  imagePullPolicy: pullPolicies,
  'tetragon.grpc.tls.auto.method': ['helm', 'cronJob', 'certmanager'],
  'tetragonOperator.image.pullPolicy': pullPolicies,
  'tetragonOperator.webhook.failurePolicy': ['Ignore', 'Fail'],
}

/** Lists of strings; the items of other lists are objects of Kubernetes. */
const textLists =
  /(Override|\.filenames|\.envFromSecrets|\.extraDnsNames|\.extraIpAddresses|Clients|Regex)$/
/** Smallest values of numbers. */
const minimums: Readonly<Record<string, number>> = { 'tetragon.exportRateLimit': -1 }
const highestPort = 65_535

/** The schema of values.yaml: names and types of all values, also of those without effect. */
export function valuesSchema(values: readonly ComparedValue[]): Schema {
  const root: Schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    // Helm adds it to each chart.
    properties: { global: { type: 'object' } },
    additionalProperties: false,
  }
  for (const value of values) {
    const groups = value.path.split('.')
    const name = groups.pop() ?? ''
    const group = groups.reduce((parent, each) => {
      parent.properties ??= {}
      parent.properties[each] ??= { type: 'object', additionalProperties: false }
      return parent.properties[each]
    }, root)
    group.properties ??= {}
    group.properties[name] = describe(value)
  }
  return root
}

function describe(value: ComparedValue): Schema {
  const meaning = value.state === 'omitted' ? `No effect: ${value.note}.` : value.meaning
  return { ...typeOf(value), ...(meaning === '' ? {} : { description: meaning }) }
}

function typeOf({ path, default: initial }: ComparedValue): Schema {
  if (path in choices) return { enum: choices[path] }
  if (Array.isArray(initial)) {
    return { type: 'array', items: { type: textLists.test(path) ? 'string' : 'object' } }
  }
  switch (typeof initial) {
    case 'boolean':
      return { type: 'boolean' }
    case 'number':
      return /\.port$/.test(path)
        ? { type: 'integer', minimum: 1, maximum: highestPort }
        : { type: 'integer', minimum: minimums[path] ?? 0 }
    case 'object':
      return initial === null ? { type: ['string', 'null'] } : { type: 'object' }
    default:
      // `--set` makes a number of digits.
      return { type: ['string', 'integer'] }
  }
}
