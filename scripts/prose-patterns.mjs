// Finds wordings that make comments and documents hard to read, and suggests others.

const comparatives =
  'longer|more|less|fewer|(?:larg|small|long|short|high|low|great|lat|earli|new|old|fast|slow|wid|' +
  'deep|clos|furth|cheap|bett)er|worse|different'
/** Between two words: spaces, and at most one line break. */
const gap = '[^\\S\\n]*\\s[^\\S\\n]*'
const words = (text) => text.replaceAll(' ', gap)
/**
 * In front of the first word of a sentence. Clauses that name a declaration, such as "What a map
 * needs", are not sentences: they follow the start of a JSDoc comment or a tag, or fill a cell.
 */
const start =
  '(?<=^\\s*|\\n[^\\S\\n]*\\n[^\\S\\n]*|\\u0001[^\\S\\n]*|\\S[.!?:)*]["\')*]*\\s{1,40}|' +
  '(?:^|\\n)[^\\S\\n]*(?:[-*]|\\d+\\.)[^\\S\\n]+)'
/** In front of `at once`, if that means "at the same time". */
const several =
  '\\b(?:[Aa]ll|[Bb]oth|[Tt]wo|[Mm]any|[Ss]everal|[Nn]umber of|[Mm]aximum|thousands|hundreds|\\d+)'
const restOfSentence = '(?:[^.?!\\n\\u0001]|\\n(?!\\s*\\n)|\\.(?=\\S))*'

/** The patterns, with what to write instead. */
export const patterns = [
  {
    name: 'tell',
    expression: words('\\b(?<!\\b[Yy]ou (?:can )?)(?:[Tt]ells?|[Tt]elling|[Tt]old|[Uu]ntold)\\b'),
    suggestion: 'report, emit, log, include, expose, distinguish',
  },
  {
    name: 'is no',
    expression: words(`\\b(?<!\\b[Tt]here )(?:is|are) no (?!(?:${comparatives})\\b)(?=\\w)`),
    suggestion: '"invalid …", "unknown …", "is not a …", "has no …"',
  },
  {
    name: 'What … is',
    expression: `(?=W)${start}(?:What|Who|Where(?!${restOfSentence},))\\b(?!${restOfSentence}\\?)`,
    suggestion: 'name the thing: "Persistent state is written first"',
  },
  {
    name: 'nobody',
    expression: '\\b(?:[Nn]obody|[Ss]omebody|[Ww]hoever)\\b',
    suggestion: 'the client, the caller, the operator, the user, the process',
  },
  {
    name: 'goes on',
    expression: words('\\b(?:goes without|goes on|goes with|comes with|stands in|lies at)\\b'),
    suggestion: 'is omitted, continues, belongs to, includes, is in, is at',
  },
  {
    name: 'so many',
    expression: words('\\b(?:[Ss]o many|[Aa]s many as|none more)\\b'),
    suggestion: '"maximum", "up to N", "the same number of"',
  },
  {
    name: 'filler',
    expression: words(
      `\\b(?:[Mm]eanwhile|[Ss]eldom|[Ff]or the sake of|(?<!${several}\\b[^.,;:]{0,60})[Aa]t once)\\b`,
    ),
    suggestion: 'leave it out, or "immediately", "rarely", "for"',
  },
  {
    name: 'the begin',
    expression: words('\\b[Tt]he begin\\b'),
    suggestion: 'the start, at start, since start',
  },
  {
    name: 'taken in',
    expression: words('\\b(?:[Tt]aken in|[Tt]akes in|[Hh]eirs?|[Ss]tretch(?:es)?)\\b'),
    suggestion: 'discovered, cached, discovers, successor, range, interval',
  },
].map((pattern) => ({ ...pattern, expression: new RegExp(pattern.expression, 'g') }))

/** Marks of the start of a comment, and of one that names a declaration. */
const sentence = '\u0001'
const named = '\u0002'
const blank = (text) => text.replaceAll(/[^\n]/g, ' ')

/**
 * The text with spaces instead of all that is not a comment; lines keep their numbers.
 * @param text TypeScript or JavaScript
 */
export function commentsOf(text) {
  let inBlock = false
  let inLines = false
  const lines = text.split('\n').map((line) => {
    if (inBlock) {
      inBlock = !line.includes('*/')
      return line.replace(/\*\/.*$/, '').replace(/^\s*\*(?!\*)/, blank)
    }
    const block = /^\s*\/\*+(.*)$/.exec(line)
    const alone = /^\s*\/\/(.*)$/.exec(line)
    const comment = (block ?? alone)?.[1] ?? commentAfterCode(line)
    const continues = inLines && alone !== null
    inLines = alone !== null
    inBlock = block !== null && !line.includes('*/')
    if (comment === undefined) return ''
    if (block !== null && /^\s*\/\*\*/.test(line))
      return `${named}${comment.replace(/\*\/.*$/, '')}`
    return `${continues ? '' : sentence}${comment.replace(/\*\/.*$/, '')}`
  })
  return withoutCode(lines.join('\n').replaceAll(/@\w+ +/g, named))
}

function commentAfterCode(line) {
  const after = /^(.*\S) +\/\/ ([^'"`]*)$/.exec(line)
  if (after === null) return undefined
  return (after[1].match(/['"`]/g)?.length ?? 0) % 2 === 0 ? after[2] : undefined
}

/** The text with spaces instead of code and addresses; lines keep their numbers. */
export function withoutCode(text) {
  return text
    .replaceAll(/^([^\S\n]*)(```+|~~~+)[\s\S]*?^[^\S\n]*\2/gm, blank)
    .replaceAll(/<!--[\s\S]*?-->/g, blank)
    .replaceAll(/`[^`\n]*(?:\n[^`\n]+)?`/g, (code) => code.replaceAll(/[^\n]/g, '`'))
    .replaceAll(/\]\([^)\s]*\)/g, blank)
}

/**
 * The hits in a text, in the order of their lines.
 * @param text comments or a document without code
 */
export function proseHits(text) {
  const hits = []
  for (const { name, expression, suggestion } of patterns) {
    for (const match of text.matchAll(expression)) {
      const line = text.slice(0, match.index).split('\n').length
      hits.push({ line, name, text: match[0].replaceAll(/\s+/g, ' '), suggestion })
    }
  }
  return hits.sort((a, b) => a.line - b.line)
}
