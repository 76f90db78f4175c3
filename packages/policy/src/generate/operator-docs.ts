import type { ArgumentOperator } from '../schema/operators.ts'

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
