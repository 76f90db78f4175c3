import { mapLiterals } from '../text/wildcard.ts'
import { changeEach, type Modifier, ModifierError } from './modifier.ts'

/** Characters that programs of Windows accept for a dash before an option. */
const dashes = ['-', '/', '\u2013', '\u2014', '\u2015']
/** A dash before an option: nothing like a word before it, a word after it. */
const optionDash = /(?<!\w)[-/\u2013\u2014\u2015](?=\w)/g

export const windash: Modifier = {
  name: 'windash',
  doc: 'a dash before an option may be any of - / – — ―',
  apply(item) {
    changeEach(item, (draft) => {
      if (draft.kind !== 'text') throw new ModifierError('windash needs a text')
      const written = draft.text.filter((part) => typeof part === 'string').join(' ')
      if (!new RegExp(optionDash).test(written)) return draft
      return dashes.map((dash) => ({
        ...draft,
        text: mapLiterals(draft.text, (text) => text.replace(optionDash, dash)),
      }))
    })
  },
}
