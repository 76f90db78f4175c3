import { all } from './all.ts'
import { base64 } from './base64.ts'
import { base64offset } from './base64offset.ts'
import { cased } from './cased.ts'
import { cidr } from './cidr.ts'
import { comparisons } from './comparison.ts'
import { contains } from './contains.ts'
import { dateParts } from './date-part.ts'
import { endswith } from './endswith.ts'
import { exists } from './exists.ts'
import { expand } from './expand.ts'
import { fieldref } from './fieldref.ts'
import type { Modifier } from './modifier.ts'
import { neq } from './neq.ts'
import { re, regexpFlags } from './re.ts'
import { startswith } from './startswith.ts'
import { utf16 } from './utf16.ts'
import { windash } from './windash.ts'

/** All modifiers of Sigma. */
export const modifiers: readonly Modifier[] = [
  ...[contains, startswith, endswith, all, cased, exists, neq, re, ...regexpFlags],
  ...[
    base64,
    base64offset,
    ...utf16,
    windash,
    cidr,
    ...comparisons,
    ...dateParts,
    fieldref,
    expand,
  ],
]

const byName = new Map(
  modifiers.flatMap((each) => [each.name, ...(each.aliases ?? [])].map((name) => [name, each])),
)

/** All names, with aliases. */
export const modifierNames: readonly string[] = [...byName.keys()]

/** A modifier by its name or an alias. */
export function findModifier(name: string): Modifier | undefined {
  return byName.get(name)
}
