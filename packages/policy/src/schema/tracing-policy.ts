import { kprobeSchema, lsmHookSchema, tracepointSchema, uprobeSchema, usdtSchema } from './hooks.ts'
import { nullableSelector, workloadSelectorFields } from './label-selector.ts'
import {
  anything,
  boolean,
  type DocumentOf,
  list,
  map,
  object,
  oneOf,
  redescribed,
  required,
  string,
  withDefault,
} from './schema.ts'
import { selectorSchema } from './selector.ts'

export const listSchema = object('List', 'A named list of functions or system calls.', {
  name: required(string('Name, for `list:NAME`.', { minLength: 1 })),
  type: withDefault(
    oneOf('What it holds; without a type functions as given in `values`.', [
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
  validated: anything('Not used; taken for compatibility.'),
})
export type ListDocument = DocumentOf<typeof listSchema>

const kprobes = list('Functions of the kernel and system calls.', kprobeSchema)

export const specSchema = object('Spec', 'What the policy looks at and does.', {
  kprobes,
  fentries: redescribed(kprobes, 'Like kprobes, by fentry and fexit only. No Override.'),
  tracepoints: list('Tracepoints.', tracepointSchema),
  lsmhooks: list('Hooks of the security modules.', lsmHookSchema),
  uprobes: list(
    'Functions of programs. Not in a TracingPolicyNamespaced. Refused by this release.',
    uprobeSchema,
  ),
  usdts: list(
    'Static probes of programs. Not in a TracingPolicyNamespaced. Refused by this release.',
    usdtSchema,
  ),
  loader: withDefault(
    boolean(
      'Report the programs and libraries that are mapped. Not with a selector of workloads. Refused ' +
        'by this release.',
    ),
    false,
  ),
  lists: list('Lists that hooks, enforcers and values name.', listSchema),
  enforcers: list(
    'Where NotifyEnforcer takes effect.',
    object('Enforcer', 'Calls that are stopped when an action asked for it.', {
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
      value: required(string('Its value, as a string.')),
    }),
  ),
  ...workloadSelectorFields,
  nodeSelector: redescribed(
    nullableSelector,
    'Nodes that load the policy, by their labels. For policies of the cluster only. No effect in this ' +
      'release.',
  ),
  selectorsMacros: map(
    'Parts of selectors by name, for `macros` of selectors. They cannot have macros themselves.',
    selectorSchema,
  ),
})
export type SpecDocument = DocumentOf<typeof specSchema>

/** Fields of the API server, in what `kubectl get -o yaml` prints. */
const serverField = anything('Set by the API server; not looked at.')

export const metadataSchema = object('Metadata', 'Name and labels of the policy.', {
  name: required(string('Name: small letters, digits, `-` and `.`.', { minLength: 1 })),
  namespace: string('Namespace of a TracingPolicyNamespaced.'),
  labels: map('Labels of the policy.', string('Value of the label.')),
  annotations: map('Notes on the policy.', string('A note.')),
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
  status: anything('Set by the API server; not looked at.'),
})
export type PolicyDocumentForm = DocumentOf<typeof policySchema>
