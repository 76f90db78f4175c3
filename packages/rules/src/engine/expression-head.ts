import { contains, type Syntax } from '@tetragon-ts/policy/regexp'

const blank = 0x20
/** Shorter repetitions end soon enough. */
const shortMax = 8

/** An expression that a text matches from its start on, in two parts. */
export interface ExpressionParts {
  /** Up to the first repetition that can continue across a blank; not empty. */
  readonly head: readonly Syntax[]
  /** Empty if the head decides. */
  readonly rest: readonly Syntax[]
}

/** Splits an expression that begins with `^`; undefined for others. */
export function partsOf(syntax: Syntax): ExpressionParts | undefined {
  const [first, ...elements] = flat(syntax)
  if (first?.kind !== 'position' || first.position !== 'textStart') return undefined
  const end = elements.findIndex(crossesBlanks)
  const head = end < 0 ? elements : elements.slice(0, end)
  if (!head.some((each) => each.kind !== 'position')) return undefined
  return { head, rest: elements.slice(head.length) }
}

/** The elements of nested sequences. */
function flat(syntax: Syntax): readonly Syntax[] {
  return syntax.kind === 'sequence' ? syntax.of.flatMap(flat) : [syntax]
}

function crossesBlanks(syntax: Syntax): boolean {
  switch (syntax.kind) {
    case 'set':
    case 'position':
      return false
    case 'repetition':
      return syntax.most > shortMax ? takesBlank(syntax.of) : crossesBlanks(syntax.of)
    default:
      return syntax.of.some(crossesBlanks)
  }
}

function takesBlank(syntax: Syntax): boolean {
  switch (syntax.kind) {
    case 'set':
      return contains(syntax.set, blank)
    case 'position':
      return false
    case 'repetition':
      return takesBlank(syntax.of)
    default:
      return syntax.of.some(takesBlank)
  }
}
