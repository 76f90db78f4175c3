import type { Comparison } from '../model/test.ts'
import { changeEach, type Modifier, ModifierError, requireNumber } from './modifier.ts'

function comparisonModifier(name: Exclude<Comparison, 'eq'>, doc: string): Modifier {
  return {
    name,
    doc,
    apply(item) {
      if (item.field === undefined) throw new ModifierError(`${name} needs a field`)
      changeEach(item, (draft) => {
        if (draft.kind === 'date') return { ...draft, comparison: name }
        return { kind: 'number', comparison: name, number: requireNumber(draft, name) }
      })
    },
  }
}

export const comparisons: readonly Modifier[] = [
  comparisonModifier('lt', 'the number is smaller'),
  comparisonModifier('lte', 'the number is smaller or equal'),
  comparisonModifier('gt', 'the number is larger'),
  comparisonModifier('gte', 'the number is larger or equal'),
]
