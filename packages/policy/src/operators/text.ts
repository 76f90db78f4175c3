import { type ArgumentTypeName, argumentTypeFacts } from './argument-facts.ts'
import { BadValue } from './bad-value.ts'
import type { Operator, OperatorFamily, TestOf, WrittenValues } from './operator.ts'

interface Strings {
  readonly strings: readonly Uint8Array[]
}

/** Prefixes, postfixes or substrings. */
export interface TextTests {
  prefix: Strings
  postfix: Strings
  substring: Strings
  'substring-ignore-case': Strings
}

const encoder = new TextEncoder()

/** Text without trailing zero bytes, which older policies had to write; buffers may contain any. */
export function readText(text: string, type: ArgumentTypeName): Uint8Array {
  return encoder.encode(type === 'char_buf' ? text : text.replace(/\0+$/, ''))
}

/** Parts to compare with. */
function parts({ type, all }: WrittenValues): Uint8Array[] {
  return all((text) => {
    if (argumentTypeFacts[type].hasInode && text.startsWith('inode:/')) {
      return new BadValue('only Equal and NotEqual compare with the file at a path')
    }
    const bytes = readText(text, type)
    return bytes.length > 0 ? bytes : new BadValue('an empty value would match everything')
  })
}

/** An operator that compares the argument with parts of it. */
function partOperator(operator: keyof TextTests, meaning: string) {
  return {
    kinds: ['string', 'file', 'unix-address'],
    count: 'some',
    doc: { values: 'strings', meaning },
    read: (values): TestOf<TextTests> => ({ operator, strings: parts(values) }),
  } satisfies Operator
}

const prefix = partOperator('prefix', 'The argument begins with a value.')
const postfix = partOperator('postfix', 'The argument ends with a value.')
const substring = partOperator('substring', 'The argument contains a value.')
const substringIgnoreCase = partOperator(
  'substring-ignore-case',
  'The same, ignoring the case of ASCII letters.',
)

export const textOperators = {
  Prefix: { ...prefix, crdPosition: 3 },
  NotPrefix: { ...prefix, negated: true, crdPosition: 4 },
  Postfix: { ...postfix, crdPosition: 5 },
  NotPostfix: { ...postfix, negated: true, crdPosition: 6 },
  SubString: { ...substring, crdPosition: 32 },
  SubStringIgnCase: { ...substringIgnoreCase, aliases: ['SubStringIgnoreCase'], crdPosition: 33 },
} satisfies OperatorFamily<TextTests>
