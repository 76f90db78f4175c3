import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SourceMapReader } from './source-map.ts'
import type { SourcePosition } from './source-position.ts'

/**
 * Frames whose file begins with this are the language at work, not its user: the folder `lang` or,
 * where modules are bundled, the file that holds it.
 */
let languageFiles: string | undefined
const sourceMaps = new Map<string, SourceMapReader | undefined>()
const positions = new Map<string, Map<number, SourcePosition>>()

/**
 * Frames to look at: the number that the language mostly has on the stack, and more than it ever
 * has.
 */
const usualDepth = 6
const deepestCall = 16

/** Whether a frame of this file is one of the language, by the file's name. */
const ofLanguage = new Map<string, boolean>()

function isLanguage(name: string): boolean {
  let known = ofLanguage.get(name)
  if (known === undefined) {
    const isOwn = languageFiles !== undefined && name.startsWith(languageFiles)
    known = name.startsWith('node:') || (isOwn && !name.includes('.test.'))
    ofLanguage.set(name, known)
  }
  return known
}

/** A caller outside the language itself: the line of the kernel program. */
export function callerPosition(): SourcePosition | undefined {
  // Each frame that is looked at costs: this runs for every statement of a program.
  return positionWithin(usualDepth) ?? positionWithin(deepestCall)
}

function positionWithin(depth: number): SourcePosition | undefined {
  const holder: { stack?: NodeJS.CallSite[] } = {}
  const prepare = Error.prepareStackTrace
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = depth
  Error.prepareStackTrace = keepSites
  Error.captureStackTrace(holder, callerPosition)
  const { stack: sites } = holder
  Error.prepareStackTrace = prepare
  Error.stackTraceLimit = limit

  // The language itself asks.
  languageFiles ??= sites?.[0]?.getFileName()?.replace(/(?<=[\\/]lang[\\/])[^\\/]+$/, '')
  for (const site of sites ?? []) {
    const name = site.getFileName()
    if (!name || isLanguage(name)) continue
    return original(name, site.getLineNumber() ?? 1, site.getColumnNumber() ?? 1)
  }
  return undefined
}

function keepSites(_: Error, sites: NodeJS.CallSite[]): NodeJS.CallSite[] {
  return sites
}

/** Follows the source map that stands beside a compiled file, given by its URL or path. */
function original(name: string, line: number, column: number): SourcePosition {
  let known = positions.get(name)
  if (!known) {
    known = new Map()
    positions.set(name, known)
  }
  const key = line * 0x10000 + column // a small integer: others are slow as keys
  let position = known.get(key)
  if (!position) {
    position = originalUncached(name, line, column)
    known.set(key, position)
  }
  return position
}

function originalUncached(name: string, line: number, column: number): SourcePosition {
  const file = name.startsWith('file:') ? fileURLToPath(name) : name
  const place = sourceMap(file)?.find(line - 1, column - 1)
  if (!place) return { file, line, column }
  const source = resolve(dirname(file), place.source)
  return { file: source, line: place.line + 1, column: place.column + 1 }
}

function sourceMap(file: string): SourceMapReader | undefined {
  if (!sourceMaps.has(file)) sourceMaps.set(file, readSourceMap(file))
  return sourceMaps.get(file)
}

function readSourceMap(file: string): SourceMapReader | undefined {
  try {
    return new SourceMapReader(readFileSync(`${file}.map`, 'utf8'))
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
