import { readWildcards, type WildcardText } from '../text/wildcard.ts'
import { changeEach, type Modifier, type ModifierContext, ModifierError } from './modifier.ts'
import { regexpTest } from './re.ts'

/** A placeholder, or a percent sign that is none. */
const placeholder = /\\%|%([^%\s]+)%/
/** More would be a mistake. */
const alternativesMax = 1000

/** The texts of a value with its placeholders replaced: all combinations. */
function expanded(text: string, { placeholders }: ModifierContext): string[] {
  const match = placeholder.exec(text)
  if (match === null) return [text]
  const before = text.slice(0, match.index)
  const rest = expanded(text.slice(match.index + match[0].length), { placeholders })
  const [, name] = match
  if (name !== undefined && !Object.hasOwn(placeholders, name)) {
    throw new ModifierError(`placeholder %${name}% has no values here`)
  }
  const values = name === undefined ? ['%'] : placeholders[name]
  if (values.length * rest.length > alternativesMax) {
    throw new ModifierError(`placeholders expand to more than ${alternativesMax} values`)
  }
  return values.flatMap((value) => rest.map((end) => `${before}${value}${end}`))
}

function expandParts(parts: WildcardText, context: ModifierContext): WildcardText[] {
  const [first, ...others] = parts
  if (first === undefined) return [[]]
  const ends = expandParts(others, context)
  const starts =
    typeof first === 'string'
      ? expanded(first, context).map((text) => readWildcards(text.replace(/\\/g, '\\\\')))
      : [[first]]
  if (starts.length * ends.length > alternativesMax) {
    throw new ModifierError(`placeholders expand to more than ${alternativesMax} values`)
  }
  return starts.flatMap((start) => ends.map((end) => [...start, ...end]))
}

export const expand: Modifier = {
  name: 'expand',
  doc: 'placeholders such as %name% in the value are replaced by their values',
  apply(item, context) {
    changeEach(item, (draft) => {
      if (draft.kind === 'regexp') {
        return expanded(draft.source, context).map((each) => regexpTest(each, draft.flags))
      }
      if (draft.kind !== 'text') throw new ModifierError('expand needs a text')
      return expandParts(draft.text, context).map((text) => ({ ...draft, text }))
    })
  },
}
