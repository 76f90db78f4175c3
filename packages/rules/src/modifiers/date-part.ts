import type { DatePart } from '../model/test.ts'
import { changeEach, type Modifier, ModifierError, requireNumber } from './modifier.ts'

function datePartModifier(part: DatePart, doc: string): Modifier {
  return {
    name: part,
    doc,
    apply(item) {
      if (item.field === undefined) throw new ModifierError(`${part} needs a field`)
      changeEach(item, (draft) => {
        return { kind: 'date', part, comparison: 'eq', number: requireNumber(draft, part) }
      })
    },
  }
}

export const dateParts: readonly Modifier[] = [
  datePartModifier('minute', 'minute of the date in the field, 0 to 59; dates are in UTC'),
  datePartModifier('hour', 'hour, 0 to 23'),
  datePartModifier('day', 'day of the month'),
  datePartModifier('week', 'week of the year, 1 to 53 (ISO 8601)'),
  datePartModifier('month', 'month, 1 to 12'),
  datePartModifier('year', 'year'),
]
