import {
  anything,
  boolean,
  type DocumentOf,
  list,
  map,
  object,
  oneOf,
  type Rule,
  redescribed,
  required,
  string,
  withDefault,
} from '../fields/schema.ts'
import { hookLists } from './hooks.ts'
import { nullableSelector, workloadSelectorFields } from './label-selector.ts'
import { selectorSchema } from './selector.ts'

/** The cost of == is that of the shorter string; `type` and `pattern` have no maximum length. */
const isGenerated = "self.type == 'generated_syscalls' || self.type == 'generated_ftrace'"

const listRules: readonly Rule[] = [
  {
    rule: "self.type != 'generated_ftrace' || (has(self.pattern) && self.pattern != '')",
    message: 'generated_ftrace requires a pattern',
  },
  {
    rule: `${isGenerated} || (has(self.values) && size(self.values) > 0)`,
    message: 'the list is empty: values is missing',
  },
]

export const listSchema = object(
  'List',
  'A named list of functions or system calls.',
  {
    name: required(string('Name, for `list:NAME`.', { minLength: 1 })),
    type: withDefault(
      oneOf('Type of the list; without a type, functions in `values`.', [
        '',
        'syscalls',
        'generated_syscalls',
        'generated_ftrace',
      ]),
      '',
    ),
    values: list(
      'Functions, or system calls as `sys_NAME` or `ABI/sys_NAME` (x64, i386, arm64, arm32).',
      string('A function or system call.'),
    ),
    pattern: string('generated_ftrace: regular expression of the functions.'),
    validated: anything('Ignored; accepted for compatibility.'),
  },
  listRules,
)
export type ListDocument = DocumentOf<typeof listSchema>

export const specSchema = object('Spec', 'What the policy observes and does.', {
  ...hookLists,
  loader: withDefault(
    boolean(
      'Report files that processes map to execute them, with their build ids: programs and ' +
        'libraries. Not with workload selectors.',
    ),
    false,
  ),
  lists: list('Lists of functions, used by hooks, enforcers and values.', listSchema),
  enforcers: list(
    'Calls where NotifyEnforcer takes effect.',
    object('Enforcer', 'Calls that NotifyEnforcer can stop.', {
      calls: list(
        'System calls (`sys_NAME`), `security_*` functions or `list:NAME`.',
        string('A call.'),
      ),
    }),
  ),
  options: list(
    'Settings of the policy.',
    object('Option', 'A setting.', {
      name: required(string('Name of the setting.')),
      value: required(string('Value of the setting, as a string.')),
    }),
  ),
  ...workloadSelectorFields,
  nodeSelector: redescribed(
    nullableSelector,
    'Nodes that load the policy, by their labels. It has an effect on policies in the Kubernetes API ' +
      'only.',
  ),
  selectorsMacros: map(
    'Named parts of selectors, for `macros`. They cannot use macros themselves.',
    selectorSchema,
  ),
})
export type SpecDocument = DocumentOf<typeof specSchema>

/** Fields of the API server, in the output of `kubectl get -o yaml`. */
const serverField = anything('Set by the API server; ignored.')

export const metadataSchema = object('Metadata', 'Name and labels of the policy.', {
  name: required(string('Name: lower-case letters, digits, `-` and `.`.', { minLength: 1 })),
  namespace: string('Namespace of a TracingPolicyNamespaced.'),
  labels: map('Labels of the policy.', string('Value of the label.')),
  annotations: map('Annotations of the policy.', string('An annotation.')),
  generateName: serverField,
  selfLink: serverField,
  uid: serverField,
  resourceVersion: serverField,
  generation: serverField,
  creationTimestamp: serverField,
  deletionTimestamp: serverField,
  deletionGracePeriodSeconds: serverField,
  ownerReferences: serverField,
  finalizers: serverField,
  managedFields: serverField,
})
export type MetadataDocument = DocumentOf<typeof metadataSchema>

export const policySchema = object('TracingPolicy', 'A policy.', {
  apiVersion: required(oneOf('Version of the API.', ['cilium.io/v1alpha1'])),
  kind: required(
    oneOf('TracingPolicyNamespaced applies to the pods of its namespace only.', [
      'TracingPolicy',
      'TracingPolicyNamespaced',
    ]),
  ),
  metadata: required(metadataSchema),
  spec: required(specSchema),
  status: anything('Set by the API server; ignored.'),
})
export type PolicyDocumentForm = DocumentOf<typeof policySchema>
