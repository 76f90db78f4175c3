// The imports in a source file, and exports of other modules.

/** Quotes are those of the formatter; types can name a module, too. */
const statement =
  /\b(?:import|export)\s+(type\s+)?([^'"`;()]*?)\s*from\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g

/** The words in a clause such as `{ a, type B, c as d }`; `*` for others. */
function wordsIn(clause) {
  const [, list] = /^\{([^}]*)\}$/.exec(clause) ?? []
  if (list === undefined) return ['*']
  const words = list.split(',').map((each) => each.trim())
  return words.filter((word) => word !== '')
}

/** @returns module, line and names of each, and whether it only imports types by their names */
export function importsOf(text) {
  return [...text.matchAll(statement)].map(
    ({ 1: type, 2: clause = '', 3: from, 4: alone, index }) => {
      const words = wordsIn(clause)
      return {
        module: from ?? alone,
        line: text.slice(0, index).split('\n').length,
        names: words.map((word) => word.replace(/^type /, '').split(' as ')[0]),
        onlyTypes: type !== undefined || words.every((word) => word.startsWith('type ')),
      }
    },
  )
}
