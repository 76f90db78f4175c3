import { numberOf } from './integer.ts'
import type { Operator } from './operator.ts'

/** Whether the second of two sets has capabilities that the first lacks. */
const capabilitiesGainedOperator: Operator<'capabilities-gained'> = {
  needs: () => 'number',
  condition([before, after]) {
    const { value: old } = numberOf(before)
    return numberOf(after).value.has(old.xor(-1))
  },
}

export const capabilitiesGainedOperators = { 'capabilities-gained': capabilitiesGainedOperator }
