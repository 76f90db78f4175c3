import type { OperatorFamily, TestOf } from './operator.ts'

/** Two sets of capabilities need no values. */
export interface CapabilitiesGainedTests {
  'capabilities-gained': object
}

export const capabilitiesGainedOperators = {
  CapabilitiesGained: {
    kinds: ['capabilities'],
    count: 'none',
    operands: 'pair',
    crdPosition: 29,
    doc: {
      values: 'none',
      meaning: 'The second of the two arguments in `args` has capabilities that the first lacks.',
    },
    read: (): TestOf<CapabilitiesGainedTests> => ({ operator: 'capabilities-gained' }),
  },
} satisfies OperatorFamily<CapabilitiesGainedTests>
