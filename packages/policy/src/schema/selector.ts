import { actionSchema } from '../actions/action-schema.ts'
import { capabilityAliases, capabilityNames } from '../fields/capabilities.ts'
import {
  boolean,
  type DocumentOf,
  integer,
  list,
  object,
  oneOf,
  required,
  string,
  uint32,
  withDefault,
} from '../fields/schema.ts'
import { type NamespaceType, namespaces } from '../model/index.ts'
import { argumentOperatorAliases, argumentOperators } from '../operators/argument-operators.ts'
import { workloadSelectorFields } from './label-selector.ts'
import { binaryOperators, commandOperators, membershipOperators } from './operators.ts'

const pidMatch = object('PidMatch', 'A condition on the process id.', {
  operator: required(oneOf('In: one of the values; NotIn: none of them.', membershipOperators)),
  values: list('Process ids.', uint32('A process id.')),
  isNamespacePID: withDefault(
    boolean(
      "Values are ids in the pid namespace of the process. Processes in the host's pid namespace " +
        'never match.',
    ),
    false,
  ),
  followForks: withDefault(boolean('Also match descendants of the processes.'), false),
})
export type PidMatchDocument = DocumentOf<typeof pidMatch>

export const argumentMatchSchema = object('ArgumentMatch', 'A condition on an argument.', {
  index: withDefault(
    uint32(
      'The argument, by its `index`. For tracepoints, a position in the list `args` is accepted ' +
        'too. In `matchData`, the position in the list `data`.',
    ),
    0,
  ),
  args: list(
    'The arguments, by their positions in the list `args`, from 0. Overrides `index`.',
    uint32('Position in the list.'),
  ),
  operator: required(oneOf('How to compare.', argumentOperators, argumentOperatorAliases)),
  values: list(
    'Values to compare with, as strings. One of them must match; with a negated operator, none ' +
      'of them.',
    string('A value, in quotes.'),
  ),
})
const expressionMatch = object('ExpressionMatch', 'An expression in CEL that must be true.', {
  expr: required(
    string(
      'The expression. `arg0` is the first of `args`, `data0` the first of `data`, whatever their ' +
        '`index`. Operators: `||` `&&` `!`, `==` `!=` `<` `<=` `>` `>=`, `<<` `>>`, `+` `-`, ' +
        '`*` `/` `%`; functions of numbers: `int32()` `uint32()` `and()` `or()` `xor()` `not()` ' +
        '`ntoh()` `ntoh16()`; of texts: `==` `!=` `.startsWith("a")` `.endsWith("a")` ' +
        '`.contains("a")`. Members of arguments that are structures: `arg0.f_inode.i_ino`, ' +
        '`arg0.buf[1]`. Both sides must have the same type of 32 or 64 bits; literal numbers ' +
        'get the type of the other side, and smaller arguments have 32 bits.',
      { minLength: 1 },
    ),
  ),
})

export type ArgumentMatchDocument = DocumentOf<typeof argumentMatchSchema>

const binaryMatch = object('BinaryMatch', 'A condition on the path of the executable.', {
  operator: required(oneOf('How to compare paths.', binaryOperators)),
  values: list('Absolute paths, or prefixes or postfixes of paths.', string('A path.')),
  followChildren: withDefault(
    boolean('Also match descendants of the processes. With In and NotIn only.'),
    false,
  ),
  resolveLinks: withDefault(
    boolean(
      'Also match the files that symbolic links in `values` lead to on the host, now and when a ' +
        'link changes. With In and NotIn only.',
    ),
    false,
  ),
})
export type BinaryMatchDocument = DocumentOf<typeof binaryMatch>

/** Maximum of `index`: kernels before 5.17 verify a step for each argument. */
export const commandIndexMax = 1023

const commandArgumentMatch = object(
  'CommandArgumentMatch',
  'A condition on an argument of the command line that the process was started with.',
  {
    index: withDefault(
      integer(
        'The argument: 0 is the first one after the name of the program (`argv[1]`).',
        0,
        commandIndexMax,
        { any: 'anyIndex: true' },
      ),
      0,
    ),
    anyIndex: withDefault(boolean('Test all arguments instead of that at `index`.'), false),
    operator: required(
      oneOf('How to compare. With `anyIndex`, Not… means: no argument does.', commandOperators),
    ),
    values: list(
      'Values to compare with. One of them must match; with a negated operator, none of them.',
      string('A value.'),
    ),
    ignoreCase: withDefault(boolean('Ignore the case of ASCII letters.'), false),
  },
)
export type CommandArgumentMatchDocument = DocumentOf<typeof commandArgumentMatch>

const namespaceTypes = Object.keys(namespaces) as NamespaceType[]

const namespaceMatch = object('NamespaceMatch', 'A condition on a namespace of the process.', {
  namespace: required(oneOf('Kind of namespace.', namespaceTypes)),
  operator: required(oneOf('In: one of the values; NotIn: none of them.', membershipOperators)),
  values: list(
    'Inode numbers as strings, or `host_ns` for the namespace of the first process of the host.',
    string('Inode number or host_ns.'),
  ),
})
export type NamespaceMatchDocument = DocumentOf<typeof namespaceMatch>

const namespaceChangeMatch = object(
  'NamespaceChangeMatch',
  'The process has changed a namespace since its last exec or clone.',
  {
    operator: required(
      oneOf('In: one of the namespaces; NotIn: a namespace other than these.', membershipOperators),
    ),
    values: list('Namespaces.', oneOf('A namespace.', namespaceTypes)),
  },
)
export type NamespaceChangeMatchDocument = DocumentOf<typeof namespaceChangeMatch>

const capabilityMatch = object('CapabilityMatch', 'A condition on capabilities of the process.', {
  type: withDefault(
    oneOf('The capability set.', ['Effective', 'Inheritable', 'Permitted'] as const),
    'Effective',
  ),
  operator: required(
    oneOf('In: the set has one of the values; NotIn: it has none of them.', membershipOperators),
  ),
  isNamespaceCapability: withDefault(
    boolean('Match only processes outside the user namespace of the host.'),
    false,
  ),
  values: list('Capabilities.', oneOf('A capability.', capabilityNames, capabilityAliases)),
})
export type CapabilityMatchDocument = DocumentOf<typeof capabilityMatch>

const actions = list('Actions, executed in this order when the selector matches.', actionSchema)

const selectorFields = {
  label: string('Name of the selector.'),
  matchPIDs: list('Conditions on the process id; all must match.', pidMatch),
  matchArgs: list('Conditions on the arguments; all must match.', argumentMatchSchema),
  matchData: list('Conditions on the items of `data`; all must match.', argumentMatchSchema),
  matchCEL: expressionMatch,
  matchActions: actions,
  matchReturnArgs: list(
    'Conditions on the return value; all must match. Requires `return: true`.',
    argumentMatchSchema,
  ),
  matchReturnActions: list(
    'Actions, executed when the function returns and matchReturnArgs match.',
    actionSchema,
  ),
  matchBinaries: list('Conditions on the executable; all must match.', binaryMatch),
  matchParentBinaries: list(
    'Conditions on the executable of the parent process; all must match.',
    binaryMatch,
  ),
  matchCmdArgs: list(
    'Conditions on the command line of the process; all must match.',
    commandArgumentMatch,
  ),
  matchNamespaces: list('Conditions on namespaces; all must match.', namespaceMatch),
  matchNamespaceChanges: list(
    'Conditions on changes of namespaces; all must match.',
    namespaceChangeMatch,
  ),
  matchCapabilities: list('Conditions on capabilities; all must match.', capabilityMatch),
  matchCapabilityChanges: list(
    'Conditions on capabilities that changed since the last exec; all must match.',
    capabilityMatch,
  ),
  matchWorkloads: object(
    'WorkloadMatch',
    'Conditions on the pod and container of the process.',
    workloadSelectorFields,
  ),
  macros: list(
    'Macros of `spec.selectorsMacros` to include. Each field may come from only one of them or ' +
      'from the selector itself.',
    string('Name of a macro.'),
  ),
} as const

export const selectorSchema = object(
  'Selector',
  'Conditions that must all match, and the actions to execute then. Only the first matching ' +
    'selector of a hook counts.',
  selectorFields,
)
export type SelectorDocument = DocumentOf<typeof selectorSchema>
