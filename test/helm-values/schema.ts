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

/** What lists contain: their defaults are mostly empty. */
const lists = {
  string:
    /(Override|\.filenames|\.envFromSecrets|\.extraDnsNames|\.extraIpAddresses|Clients|Regex)$/,
  /** Of Kubernetes. */
  object:
    /([tT]olerations|Mounts|Volumes|Containers|Env|EnvFrom|^imagePullSecrets|[rR]elabelings)$|networkPolicy\./,
} as const
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
    return { type: 'array', items: { type: itemType(path) } }
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

/** @throws Error if the table does not say it, as for a new list */
function itemType(path: string): 'string' | 'object' {
  const types = (['string', 'object'] as const).filter((type) => lists[type].test(path))
  if (types.length !== 1) throw new Error(`describe ${path}: add it to the lists of schema.ts`)
  return types[0]!
}
