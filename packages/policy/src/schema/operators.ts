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

export const membershipOperators = ['In', 'NotIn'] as const

export const binaryOperators = [
  'In',
  'NotIn',
  'Prefix',
  'NotPrefix',
  'Postfix',
  'NotPostfix',
] as const
