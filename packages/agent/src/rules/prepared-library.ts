import { createHash } from 'node:crypto'
import { hasExpired } from '@tetragon-ts/rules'
import { readOwnText } from '@tetragon-ts/service/own-files'
import type { PreparedRules } from './prepared-rules.ts'
import type { RuleText } from './rule-texts.ts'
import type { RulesInForce } from './rules-in-force.ts'

/** Rules of the library as a build has prepared them; see `prepareLibrary`. */
export interface PreparedLibrary {
  /** Path of the first file in the folder of the library. */
  readonly first: string
  /** See `libraryDigest`. */
  readonly digest: string
  readonly rules: Pick<PreparedRules, 'filters' | 'rules' | 'correlations'>
  /** Files are paths in the folder. */
  readonly inForce: Omit<RulesInForce, 'byFile' | 'early' | 'errors'>
}

/**
 * Identifies what was prepared: it differs if a text, its path in the folder, their order or the
 * level differs. The code that prepares is that of the same build.
 * @param folder of the texts, with a slash at its end
 */
export function libraryDigest(texts: readonly RuleText[], folder: string): string {
  const parts = texts.map(({ path, text, least }) => [path.slice(folder.length), least, text])
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** Beside the packed modules of the agent. */
const builtFile = new URL('./library-rules.json', import.meta.url)

/**
 * What preparing texts results in, if they are exactly those of the library that the agent was
 * built with; undefined otherwise: they must be read.
 * @param file what `prepareLibrary` has returned
 */
export function preparedLibrary(
  texts: readonly RuleText[],
  file: URL = builtFile,
): PreparedRules | undefined {
  // Files of the user have no level.
  if (texts.length === 0 || texts.some(({ least }) => least === undefined)) return undefined
  const library = readLibrary(file)
  if (library === undefined || !texts[0].path.endsWith(library.first)) return undefined
  const folder = texts[0].path.slice(0, -library.first.length)
  if (texts.some(({ path }) => !path.startsWith(folder))) return undefined
  if (libraryDigest(texts, folder) !== library.digest) return undefined
  const { rules, filters, ...others } = library.inForce
  const nowMs = Date.now()
  if (filters.some((each) => hasExpired(each, nowMs) !== each.wasExpired)) return undefined
  const located = <Item extends { readonly file: string }>(each: Item): Item => {
    return { ...each, file: folder + each.file }
  }
  return {
    ...library.rules,
    inForce: {
      ...others,
      rules: rules.map(located),
      filters: filters.map(located),
      errors: [],
      byFile: new Map(),
      early: 0,
    },
    refused: [],
  }
}

/** Undefined: the agent runs from modules that are not packed. */
function readLibrary(file: URL): PreparedLibrary | undefined {
  try {
    return JSON.parse(readOwnText(file)) as PreparedLibrary
  } catch {
    return undefined
  }
}
