import { type ArgumentKind, type ArgumentTypeName, argumentTypeFacts } from './argument-facts.ts'

/** Operators of matchArgs, matchData and matchReturnArgs, as the CRD spells them. */
export const argumentOperators = [
  'Equal',
  'NotEqual',
  'Prefix',
  'NotPrefix',
  'Postfix',
  'NotPostfix',
  'GreaterThan',
  'LessThan',
  'GT',
  'LT',
  'Mask',
  'SPort',
  'NotSPort',
  'SPortPriv',
  'NotSportPriv',
  'DPort',
  'NotDPort',
  'DPortPriv',
  'NotDPortPriv',
  'SAddr',
  'NotSAddr',
  'DAddr',
  'NotDAddr',
  'Protocol',
  'Family',
  'State',
  'InMap',
  'NotInMap',
  'CapabilitiesGained',
  'InRange',
  'NotInRange',
  'SubString',
  'SubStringIgnCase',
  'CelExpr',
  'FileType',
  'NotFileType',
] as const
export type ArgumentOperator = (typeof argumentOperators)[number]

/** Spellings that documents use and the CRD of the original does not have. */
export const argumentOperatorAliases = {
  SubStringIgnoreCase: 'SubStringIgnCase',
  NotSPortPriv: 'NotSportPriv',
} as const satisfies Record<string, ArgumentOperator>

const equality = ['Equal', 'NotEqual'] as const
const order = ['GT', 'GreaterThan', 'LT', 'LessThan', 'InRange', 'NotInRange'] as const
const sets = ['InMap', 'NotInMap'] as const
const text = [
  ...equality,
  ...(['Prefix', 'NotPrefix', 'Postfix', 'NotPostfix', 'SubString', 'SubStringIgnCase'] as const),
] as const
const source = ['SAddr', 'NotSAddr', 'SPort', 'NotSPort', 'SPortPriv', 'NotSportPriv'] as const
const destination = [
  ...(['DAddr', 'NotDAddr', 'DPort', 'NotDPort', 'DPortPriv', 'NotDPortPriv'] as const),
] as const

/** Which operators each kind of argument takes. CelExpr names its arguments itself. */
export const operatorsByKind: Readonly<Record<ArgumentKind, readonly ArgumentOperator[]>> = {
  integer: [...equality, ...order, ...sets, 'Mask'],
  string: text,
  file: [...text, 'FileType', 'NotFileType'],
  socket: [...source, ...destination, 'Protocol', 'Family', 'State'],
  address: [...source, 'Family'],
  'unix-address': [...text, 'Family'],
  capabilities: [...equality, 'Mask', 'CapabilitiesGained'],
  syscall: [...equality, ...sets],
  unknown: argumentOperators.filter((name) => name !== 'CelExpr'),
  other: [],
}

/** Whether arguments of this type can be tested with the operator. */
export function allowsOperator(type: ArgumentTypeName, operator: ArgumentOperator): boolean {
  return operatorsByKind[argumentTypeFacts[type].kind].includes(operator)
}

/** How many values an operator takes. */
export function valueCount(operator: ArgumentOperator): 'some' | 'one' | 'none' {
  if (/Priv$/.test(operator) || operator === 'CapabilitiesGained') return 'none'
  return /^(?:GT|GreaterThan|LT|LessThan|CelExpr)$/.test(operator) ? 'one' : 'some'
}

/** Whether the operator asks that none of the values fit. */
export function isNegated(operator: ArgumentOperator): boolean {
  return operator.startsWith('Not')
}

/** What operators mean and which values they take, for people. */
export const operatorDocs: readonly (readonly [
  operators: readonly ArgumentOperator[],
  values: string,
  meaning: string,
])[] = [
  [
    ['Equal', 'NotEqual'],
    'numbers, strings; sets also as `CAP_A,CAP_B`',
    'The argument is one of the values. Trailing zero bytes of strings are ignored.',
  ],
  [['GT', 'GreaterThan'], 'a number', 'The argument is larger.'],
  [['LT', 'LessThan'], 'a number', 'The argument is smaller.'],
  [['InRange', 'NotInRange'], '`MIN:MAX`', 'The argument is in a range, including its ends.'],
  [
    ['InMap', 'NotInMap'],
    'numbers, `MIN:MAX`, `list:NAME`',
    'The argument is one of the values. Lists of system calls require `syscall64`.',
  ],
  [['Mask'], 'numbers; sets also as `CAP_A,CAP_B`', 'The argument has one of the bits.'],
  [['Prefix', 'NotPrefix'], 'strings', 'The argument begins with a value.'],
  [['Postfix', 'NotPostfix'], 'strings', 'The argument ends with a value.'],
  [['SubString'], 'strings', 'The argument contains a value.'],
  [['SubStringIgnCase'], 'strings', 'The same, ignoring the case of ASCII letters.'],
  [
    ['SAddr', 'NotSAddr', 'DAddr', 'NotDAddr'],
    'addresses or networks of IPv4 and IPv6',
    'The source or destination address is in a network.',
  ],
  [
    ['SPort', 'NotSPort', 'DPort', 'NotDPort'],
    'ports or `MIN:MAX`',
    'The source or destination port is one of the values.',
  ],
  [['SPortPriv', 'NotSportPriv', 'DPortPriv', 'NotDPortPriv'], 'none', 'The port is below 1024.'],
  [['Protocol'], 'numbers, `IPPROTO_TCP` …', 'The protocol of the socket.'],
  [['Family'], 'numbers, `AF_INET` …', 'The family of the address.'],
  [['State'], 'numbers, `TCP_ESTABLISHED` …', 'The state of the TCP connection.'],
  [
    ['FileType', 'NotFileType'],
    '`sock` `socket` `lnk` `link` `reg` `regular` `blk` `block` `dir` `chr` `char` `fifo` `pipe`',
    'The type of the file.',
  ],
  [
    ['CapabilitiesGained'],
    'none',
    'The second of the two arguments in `args` has capabilities that the first lacks.',
  ],
  [
    ['CelExpr'],
    'an expression',
    'The expression is true. `arg0` is the first of `args`. Operators: `+` `-` `&&` `||` `!` ' +
      '`==` `!=` `<` `<=` `>` `>=`; functions: `int32()` `uint32()` `and()` `or()` `xor()` `not()`. ' +
      'Both sides must have the same type of 32 or 64 bits; literal numbers get the type of the ' +
      'other side.',
  ],
]
