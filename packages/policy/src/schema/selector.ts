import { type NamespaceType, namespaces } from '../model/index.ts'
import { actionSchema } from './action.ts'
import { capabilityAliases, capabilityNames } from './capabilities.ts'
import { workloadSelectorFields } from './label-selector.ts'
import {
  argumentOperatorAliases,
  argumentOperators,
  binaryOperators,
  membershipOperators,
} from './operators.ts'
import {
  boolean,
  type DocumentOf,
  list,
  object,
  oneOf,
  required,
  string,
  uint32,
  withDefault,
} from './schema.ts'

const pidMatch = object('PidMatch', 'Compares the id of the process.', {
  operator: required(oneOf('In: one of the values; NotIn: none of them.', membershipOperators)),
  values: list('Process ids.', uint32('A process id.')),
  isNamespacePID: withDefault(
    boolean(
      "Values are ids in the process's own pid namespace. Processes of the host's pid namespace " +
        'never match.',
    ),
    false,
  ),
  followForks: withDefault(boolean('Descendants of the processes count as well.'), false),
})
export type PidMatchDocument = DocumentOf<typeof pidMatch>

export const argumentMatchSchema = object('ArgumentMatch', 'Tests an argument.', {
  index: withDefault(
    uint32(
      'Which argument, by its `index`. For tracepoints a place in the list `args` is taken as ' +
        'well. In `matchData` the place in the list `data`.',
    ),
    0,
  ),
  args: list(
    'Which arguments, by their places in the list `args`, from 0. Goes before `index`.',
    uint32('Place in the list.'),
  ),
  operator: required(oneOf('How it is tested.', argumentOperators, argumentOperatorAliases)),
  values: list(
    'What it is tested with, always as strings. One of the values has to fit, with a negated ' +
      'operator none of them.',
    string('A value, in quotes.'),
  ),
})
export type ArgumentMatchDocument = DocumentOf<typeof argumentMatchSchema>

const binaryMatch = object('BinaryMatch', 'Compares the path of the executable.', {
  operator: required(oneOf('How paths are compared.', binaryOperators)),
  values: list('Absolute paths, or their beginnings or ends.', string('A path.')),
  followChildren: withDefault(
    boolean('Descendants of the processes count as well. With In and NotIn only.'),
    false,
  ),
})
export type BinaryMatchDocument = DocumentOf<typeof binaryMatch>

const namespaceTypes = Object.keys(namespaces) as NamespaceType[]

const namespaceMatch = object('NamespaceMatch', 'Compares a namespace of the process.', {
  namespace: required(oneOf('Which namespace.', namespaceTypes)),
  operator: required(oneOf('In: one of the values; NotIn: none of them.', membershipOperators)),
  values: list(
    'Inode numbers as strings, or `host_ns` for the namespace of the first process.',
    string('Inode number or host_ns.'),
  ),
})
export type NamespaceMatchDocument = DocumentOf<typeof namespaceMatch>

const namespaceChangeMatch = object(
  'NamespaceChangeMatch',
  'The process has changed a namespace since it was executed or cloned.',
  {
    operator: required(
      oneOf('In: one of the namespaces; NotIn: another than these.', membershipOperators),
    ),
    values: list('Namespaces.', oneOf('A namespace.', namespaceTypes)),
  },
)
export type NamespaceChangeMatchDocument = DocumentOf<typeof namespaceChangeMatch>

const capabilityMatch = object('CapabilityMatch', 'Looks for capabilities of the process.', {
  type: withDefault(
    oneOf('Which set.', ['Effective', 'Inheritable', 'Permitted'] as const),
    'Effective',
  ),
  operator: required(
    oneOf('In: the set has one of the values; NotIn: it has none of them.', membershipOperators),
  ),
  isNamespaceCapability: withDefault(
    boolean('Only processes in a user namespace other than that of the host.'),
    false,
  ),
  values: list('Capabilities.', oneOf('A capability.', capabilityNames, capabilityAliases)),
})
export type CapabilityMatchDocument = DocumentOf<typeof capabilityMatch>

const actions = list('Done in this order when everything else in the selector holds.', actionSchema)

const selectorFields = {
  label: string('Name of the selector.'),
  matchPIDs: list('Conditions on the process id; all must hold.', pidMatch),
  matchArgs: list('Conditions on the arguments; all must hold.', argumentMatchSchema),
  matchData: list('Conditions on the items of `data`; all must hold.', argumentMatchSchema),
  matchActions: actions,
  matchReturnArgs: list(
    'Conditions on the result; all must hold. Needs `return: true`.',
    argumentMatchSchema,
  ),
  matchReturnActions: list(
    'Done when the function returns and matchReturnArgs hold.',
    actionSchema,
  ),
  matchBinaries: list('Conditions on the executable; all must hold.', binaryMatch),
  matchParentBinaries: list(
    'Conditions on the executable of the parent process; all must hold.',
    binaryMatch,
  ),
  matchNamespaces: list('Conditions on namespaces; all must hold.', namespaceMatch),
  matchNamespaceChanges: list(
    'Conditions on changes of namespaces; all must hold.',
    namespaceChangeMatch,
  ),
  matchCapabilities: list('Conditions on capabilities; all must hold.', capabilityMatch),
  matchCapabilityChanges: list(
    'Conditions on capabilities that changed since the process was executed; all must hold.',
    capabilityMatch,
  ),
  matchWorkloads: object(
    'WorkloadMatch',
    'Conditions on the pod and container of the process.',
    workloadSelectorFields,
  ),
  macros: list(
    'Names of `spec.selectorsMacros` whose content is added. A field may come from one of them or ' +
      'from the selector itself, not from two.',
    string('Name of a macro.'),
  ),
} as const

export const selectorSchema = object(
  'Selector',
  'Conditions that must all hold, and what is done then. Of the selectors of a hook the first that ' +
    'matches counts.',
  selectorFields,
)
export type SelectorDocument = DocumentOf<typeof selectorSchema>
