import { readClass } from './regexp-class.ts'
import { RegExpError } from './regexp-error.ts'
import { escapeLiteral, readEscape, type Translation } from './regexp-escape.ts'

export { RegExpError } from './regexp-error.ts'

const largestRepeat = 1000

interface Flags {
  readonly multiline: boolean
  readonly dotAll: boolean
}

function readGroup(pattern: string, at: number): Translation {
  const rest = pattern.slice(at, at + 80)
  if (!rest.startsWith('(?')) return { text: '(', end: at + 1 }
  if (rest.startsWith('(?:')) return { text: '(?:', end: at + 3 }
  const named = /^\(\?P?<([A-Za-z_]\w*)>/.exec(rest)
  if (named !== null) return { text: `(?<${named[1]}>`, end: at + named[0].length }
  if (/^\(\?<?[=!]/.test(rest)) {
    throw new RegExpError(pattern, at, 'look-around is not supported')
  }
  if (/^\(\?[imsU-]+[:)]/.test(rest)) {
    throw new RegExpError(pattern, at, 'flags are supported at the beginning only')
  }
  throw new RegExpError(pattern, at, 'unknown kind of group')
}

/** Reads `*`, `+`, `?` or `{n,m}`; undefined when a brace is no repetition and means itself. */
function readRepeat(pattern: string, at: number): Translation | undefined {
  const match = /^(?:[*+?]|\{(\d{1,9})(?:,(\d{0,9}))?\})\??/.exec(pattern.slice(at, at + 32))
  if (match === null) return undefined
  const low = Number(match[1] ?? 0)
  const high = Number(match[2] || low)
  if (low > largestRepeat || high > largestRepeat || high < low) {
    throw new RegExpError(pattern, at, 'invalid repeat count')
  }
  return { text: match[0], end: at + match[0].length }
}

function readPlace(character: string, { multiline }: Flags): string {
  // A line ends at \n only, not at the other characters that end one in JavaScript.
  if (multiline) return character === '^' ? '(?<![^\\n])' : '(?![^\\n])'
  return character
}

function readAtom(pattern: string, at: number, flags: Flags): Translation {
  const quoted = /^\\Q(.*?)(?:\\E|$)/s.exec(pattern.startsWith('\\Q', at) ? pattern.slice(at) : '')
  if (quoted !== null) {
    const text = Array.from(quoted[1], escapeLiteral).join('')
    return { text: `(?:${text})`, end: at + quoted[0].length }
  }
  const character = String.fromCodePoint(pattern.codePointAt(at) ?? 0)
  const end = at + character.length
  if (character === '\\') return readEscape(pattern, at, false)
  if (character === '[') return readClass(pattern, at)
  if (character === '.') return { text: flags.dotAll ? '[^]' : '[^\\n]', end }
  if (character === '^' || character === '$') {
    return { text: readPlace(character, flags), end, assertion: true }
  }
  return { text: escapeLiteral(character), end }
}

function translate(pattern: string, begin: number, flags: Flags): string {
  const open: number[] = []
  let text = ''
  let repeatable = false
  for (let at = begin; at < pattern.length; ) {
    const character = pattern[at]
    const repeat = '*+?{'.includes(character) ? readRepeat(pattern, at) : undefined
    if (repeat !== undefined) {
      if (!repeatable) throw new RegExpError(pattern, at, 'nothing to repeat')
      text += repeat.text
      at = repeat.end
      repeatable = false
    } else if (character === '(') {
      open.push(at)
      const group = readGroup(pattern, at)
      text += group.text
      at = group.end
      repeatable = false
    } else if (character === ')') {
      if (open.pop() === undefined) throw new RegExpError(pattern, at, 'unexpected )')
      text += ')'
      at++
      repeatable = true
    } else if (character === '|') {
      text += '|'
      at++
      repeatable = false
    } else {
      const atom = readAtom(pattern, at, flags)
      text += atom.text
      at = atom.end
      repeatable = !atom.assertion
    }
  }
  const unclosed = open.pop()
  if (unclosed !== undefined) throw new RegExpError(pattern, unclosed, 'missing )')
  return text
}

/**
 * Compiles a regular expression in RE2 syntax, the one that Tetragon's filters take, with
 * JavaScript's engine. It finds a match anywhere in the text. Flags are taken at the beginning
 * only: `(?i)`, `(?s)`, `(?m)`. What RE2 has not (look-around, back references) is refused, so that
 * a pattern means the same everywhere. Throws RegExpError, which says where the pattern is wrong.
 */
export function compileRegExp(pattern: string): RegExp {
  const leading = /^\(\?([ims]+)\)/.exec(pattern)
  const flags = leading?.[1] ?? ''
  const text = translate(pattern, leading?.[0].length ?? 0, {
    multiline: flags.includes('m'),
    dotAll: flags.includes('s'),
  })
  try {
    return new RegExp(text, flags.includes('i') ? 'iu' : 'u')
  } catch (error) {
    throw new RegExpError(pattern, 0, (error as Error).message)
  }
}
