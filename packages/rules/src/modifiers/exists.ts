import { changeEach, type Modifier, ModifierError, requireFirst, requirePlain } from './modifier.ts'

export const exists: Modifier = {
  name: 'exists',
  doc: 'true: the event has the field, whatever its value; false: it does not',
  apply(item) {
    requireFirst(item, 'exists')
    if (item.field === undefined) throw new ModifierError('exists needs a field')
    changeEach(item, (draft) => {
      const text = requirePlain(draft, 'exists').toLowerCase()
      if (text !== 'true' && text !== 'false') throw new ModifierError('exists needs true or false')
      return { kind: 'exists', wanted: text === 'true' }
    })
  },
}
