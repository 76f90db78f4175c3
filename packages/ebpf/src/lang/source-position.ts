import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The place in a source file (TypeScript or a policy) that produced an instruction. */
export interface SourcePosition {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
  /** What to show as the line's text, if the file is not there to read. */
  readonly text?: string
}

export function formatPosition({ file, line, column }: SourcePosition): string {
  return `${file}:${line}:${column}`
}

/**
 * Frames whose file begins with this are the language at work, not its user: the folder of this
 * module or, where modules are bundled, the file that holds it.
 */
const languageFiles = import.meta.url.endsWith('/source-position.js')
  ? new URL('.', import.meta.url).href
  : import.meta.url
const sourceMaps = new Map<string, SourceMap | undefined>()
const positions = new Map<string, Map<number, SourcePosition>>()

/** Frames to look at: more than the language itself ever has on the stack. */
const deepestCall = 16

/** A caller outside the language itself: the line of the kernel program. */
export function callerPosition(): SourcePosition | undefined {
  const prepare = Error.prepareStackTrace
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = deepestCall
  Error.prepareStackTrace = (_, sites) => sites
  const sites = new Error().stack as unknown as NodeJS.CallSite[]
  Error.prepareStackTrace = prepare
  Error.stackTraceLimit = limit

  for (const site of sites) {
    const name = site.getFileName()
    if (!name || name.startsWith('node:')) continue
    if (name.startsWith(languageFiles) && !name.includes('.test.')) continue
    return original(name, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1)
  }
  return undefined
}

/** Follows the source map that stands beside a compiled file, given by its URL or path. */
function original(name: string, line: number, column: number): SourcePosition {
  let known = positions.get(name)
  if (!known) {
    known = new Map()
    positions.set(name, known)
  }
  const key = line * 1024 + column
  let position = known.get(key)
  if (!position) {
    position = originalUncached(name, line, column)
    known.set(key, position)
  }
  return position
}

function originalUncached(name: string, line: number, column: number): SourcePosition {
  const file = name.startsWith('file:') ? fileURLToPath(name) : name
  const entry = sourceMap(file)?.findEntry(line - 1, column - 1)
  if (!entry || !('originalSource' in entry)) return { file, line, column }
  return {
    file: resolve(dirname(file), entry.originalSource),
    line: entry.originalLine + 1,
    column: entry.originalColumn + 1,
  }
}

function sourceMap(file: string): SourceMap | undefined {
  if (!sourceMaps.has(file)) sourceMaps.set(file, readSourceMap(file))
  return sourceMaps.get(file)
}

function readSourceMap(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
  } catch {
    return undefined // no map beside the file: positions are those of the file itself
  }
}

const lines = new Map<string, readonly string[]>()

/** The text of a position's line, for listings and line info. */
export function positionText(position: SourcePosition): string {
  if (position.text !== undefined) return position.text
  let known = lines.get(position.file)
  if (!known) {
    try {
      known = readFileSync(position.file, 'utf8').split('\n')
    } catch {
      known = [] // published without sources: the position alone has to do
    }
    lines.set(position.file, known)
  }
  return known[position.line - 1]?.trim() ?? ''
}
