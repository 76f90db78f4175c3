import type { Syntax } from '@tetragon-ts/policy/regexp'

/** Alternatives of a text beyond which an expression is left open. */
const textsMax = 64
/** Characters of a class that are written out. */
const setMax = 8

/** A text that a match begins with. */
interface Start {
  readonly text: string
  /** Whether the match must begin where the text of the field does. */
  readonly anchored: boolean
  /** Whether the next part of the expression continues it. */
  readonly open: boolean
}

/** Alternatives of an expression, also of choices inside of a sequence, as long as they are few. */
export function alternativesOf(syntax: Syntax): readonly Syntax[] {
  return alternatives(syntax) ?? [syntax]
}

/** Undefined: too many. */
function alternatives(syntax: Syntax): readonly Syntax[] | undefined {
  if (syntax.kind === 'choice')
    return bounded(syntax.of.flatMap((each) => alternatives(each) ?? each))
  if (syntax.kind !== 'sequence') return [syntax]
  let found: readonly (readonly Syntax[])[] = [[]]
  for (const part of syntax.of) {
    const others = alternatives(part) ?? [part]
    if (found.length * others.length > textsMax) return undefined
    found = found.flatMap((before) => others.map((each) => [...before, each]))
  }
  return found.map((of) => ({ kind: 'sequence', of }))
}

function bounded(all: readonly Syntax[]): readonly Syntax[] | undefined {
  return all.length > textsMax ? undefined : all
}

/** Texts of which each match of an expression begins with one; undefined: none are certain. */
export function prefixesOf(syntax: Syntax): readonly string[] | undefined {
  return anchoredTexts(syntax)
}

/** The same for the end. */
export function postfixesOf(syntax: Syntax): readonly string[] | undefined {
  return anchoredTexts(reversed(syntax))?.map((text) => [...text].reverse().join(''))
}

function anchoredTexts(syntax: Syntax): readonly string[] | undefined {
  const starts = continued([{ text: '', anchored: false, open: true }], syntax)
  const isCertain = starts?.every(({ text, anchored }) => anchored && text !== '')
  return isCertain ? [...new Set(starts?.map(({ text }) => text))] : undefined
}

/** Continues texts by an expression; undefined: there are too many. */
function continued(starts: readonly Start[], syntax: Syntax): readonly Start[] | undefined {
  if (!starts.some(({ open }) => open)) return starts
  const next = starts.flatMap((start) => (start.open ? extended(start, syntax) : [start]))
  if (next.length <= textsMax) return next
  // The texts before are as certain, only shorter.
  return starts.map((start) => ({ ...start, open: false }))
}

function extended(start: Start, syntax: Syntax): readonly Start[] {
  const closed = [{ ...start, open: false }]
  switch (syntax.kind) {
    case 'set': {
      const letters = lettersOf(syntax.set)
      return letters?.map((letter) => ({ ...start, text: start.text + letter })) ?? closed
    }
    case 'position': {
      if (syntax.position !== 'textStart') return [start]
      // Elsewhere it can never be true: what is certain about such a match does not matter.
      return [{ ...start, anchored: true }]
    }
    case 'sequence': {
      let starts: readonly Start[] | undefined = [start]
      for (const each of syntax.of) starts = starts && continued(starts, each)
      return starts ?? closed
    }
    case 'choice':
      return syntax.of.flatMap((each) => continued([start], each) ?? closed)
    case 'repetition': {
      const once = syntax.least === 0 && syntax.most > 1 ? closed : continued([start], syntax.of)
      if (syntax.least === 0 && syntax.most === 1) return [start, ...(once ?? closed)]
      if (syntax.least === 1 && syntax.most === 1) return once ?? closed
      return (once ?? closed).map((each) => ({ ...each, open: false }))
    }
  }
}

/** The characters of a small set of printable ones. */
function lettersOf(set: readonly number[]): string[] | undefined {
  const letters: string[] = []
  for (let i = 0; i < set.length; i += 2) {
    for (let code = set[i]; code <= set[i + 1]; code++) {
      if (letters.length === setMax || code < 0x20 || code > 0x7e) return undefined
      letters.push(String.fromCharCode(code))
    }
  }
  return letters
}

/** An expression that matches the reversed texts. */
function reversed(syntax: Syntax): Syntax {
  switch (syntax.kind) {
    case 'set':
      return syntax
    case 'position': {
      const { position } = syntax
      if (position === 'textEnd') return { kind: 'position', position: 'textStart' }
      return position === 'textStart' ? { kind: 'position', position: 'textEnd' } : syntax
    }
    case 'repetition':
      return { ...syntax, of: reversed(syntax.of) }
    case 'sequence':
      return { kind: 'sequence', of: syntax.of.toReversed().map(reversed) }
    case 'choice':
      return { kind: 'choice', of: syntax.of.map(reversed) }
  }
}
