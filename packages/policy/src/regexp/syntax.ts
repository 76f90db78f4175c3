import type { CharSet } from './char-set.ts'

/** Conditions on a position. */
export type Position = 'textStart' | 'textEnd' | 'lineStart' | 'lineEnd' | 'border' | 'noBorder'

/** A regular expression. */
export type Syntax =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'sequence'; readonly of: readonly Syntax[] }
  | { readonly kind: 'choice'; readonly of: readonly Syntax[] }
  | {
      readonly kind: 'repetition'
      readonly of: Syntax
      readonly least: number
      /** `Infinity`: no limit. */
      readonly most: number
    }

/** Equal for expressions with the same structure. */
export function syntaxKey(syntax: Syntax): string {
  switch (syntax.kind) {
    case 'set':
      return `[${syntax.set.join(' ')}]`
    case 'position':
      return `<${syntax.position}>`
    case 'sequence':
      return syntax.of.map(syntaxKey).join('')
    case 'choice':
      return `(${syntax.of.map(syntaxKey).join('|')})`
    case 'repetition':
      return `(${syntaxKey(syntax.of)}){${syntax.least},${syntax.most}}`
  }
}
