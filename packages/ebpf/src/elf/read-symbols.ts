import { ElfError } from './error.ts'
import { readGoSymbols } from './go/go-symbols.ts'
import type { ElfImage } from './image.ts'
import { type DebugFileOpener, withDebugFile } from './symbols/debug-file.ts'
import { readLinkageSymbols } from './symbols/linkage-symbols.ts'
import { readMiniDebugInfo } from './symbols/mini-debug-info.ts'
import { dynamicSymbols, staticSymbols } from './symbols/symbol-places.ts'
import { readSymbolSection } from './symbols/symbol-section.ts'
import type { SymbolSet } from './symbols/symbol-set.ts'
import { SymbolTable } from './symbols/symbol-table.ts'

/** Functions that the file itself names. A source that is damaged becomes a problem. */
export function readOwnSymbols(image: ElfImage): SymbolTable {
  return collect(ownSources(image))
}

/** The same, and those of the separate debug file with the same build id, if there is one. */
export function readAllSymbols(image: ElfImage, open: DebugFileOpener): SymbolTable {
  const inDebugFile = (): SymbolSet | undefined =>
    withDebugFile(image, open, (debug) => readPlaces(debug, staticSymbols(debug)))
  return collect([...ownSources(image), inDebugFile])
}

/** In order of preference: of several equal symbols the first is used. */
function ownSources(image: ElfImage): (() => SymbolSet | undefined)[] {
  return [
    () => readPlaces(image, dynamicSymbols(image)),
    () => readPlaces(image, staticSymbols(image)),
    () => {
      const inner = readMiniDebugInfo(image)
      return inner && readPlaces(inner, staticSymbols(inner))
    },
    // Go's table repeats `.symtab`, and adds little: comparisons of types.
    () => (staticSymbols(image) === undefined ? readGoSymbols(image) : undefined),
    () => readLinkageSymbols(image),
  ]
}

/** The variables that the file itself names. */
export function readOwnVariables(image: ElfImage): SymbolTable {
  return collect([
    () => readPlaces(image, dynamicSymbols(image), 'objects'),
    () => readPlaces(image, staticSymbols(image), 'objects'),
  ])
}

function readPlaces(
  image: ElfImage,
  places: ReturnType<typeof staticSymbols>,
  wanted?: 'functions' | 'objects',
): SymbolSet | undefined {
  return places && readSymbolSection(image, places, wanted)
}

/** Reads all sources that there are; errors of the file are kept as problems. */
function collect(sources: readonly (() => SymbolSet | undefined)[]): SymbolTable {
  const sets: SymbolSet[] = []
  const problems: ElfError[] = []
  for (const read of sources) {
    try {
      const set = read()
      if (set !== undefined && set.count > 0) sets.push(set)
    } catch (error) {
      if (!(error instanceof ElfError)) throw error
      problems.push(error)
    }
  }
  return new SymbolTable(sets, problems)
}
