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

const languageFolder = dirname(fileURLToPath(import.meta.url))
const sourceMaps = new Map<string, SourceMap | undefined>()
const positions = new Map<string, SourcePosition>()

/** A caller outside the language itself: the line of the kernel program. */
export function callerPosition(): SourcePosition | undefined {
  const prepare = Error.prepareStackTrace
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 16
  Error.prepareStackTrace = (_, sites) => sites
  const sites = new Error().stack as unknown as NodeJS.CallSite[]
  Error.prepareStackTrace = prepare
  Error.stackTraceLimit = limit

  for (const site of sites) {
    const name = site.getFileName()
    if (!name || name.startsWith('node:')) continue
    const file = name.startsWith('file:') ? fileURLToPath(name) : name
    if (file.startsWith(languageFolder) && !file.includes('.test.')) continue
    return original(file, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1)
  }
  return undefined
}

/** Follows the source map that stands beside a compiled file. */
function original(file: string, line: number, column: number): SourcePosition {
  const key = `${file}:${line}:${column}`
  const known = positions.get(key)
  if (known) return known
  const entry = sourceMap(file)?.findEntry(line - 1, column - 1)
  const position =
    entry && 'originalSource' in entry
      ? {
          file: resolve(dirname(file), entry.originalSource),
          line: entry.originalLine + 1,
          column: entry.originalColumn + 1,
        }
      : { file, line, column }
  positions.set(key, position)
  return position
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
