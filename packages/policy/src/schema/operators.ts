export const membershipOperators = ['In', 'NotIn'] as const

export const binaryOperators = [
  'In',
  'NotIn',
  'Prefix',
  'NotPrefix',
  'Postfix',
  'NotPostfix',
] as const

export const commandOperators = [
  'Equal',
  'NotEqual',
  'Prefix',
  'NotPrefix',
  'Postfix',
  'NotPostfix',
  'SubString',
] as const
