import {
  type Capabilities,
  CapabilitiesType,
  type CapFilter,
  type CapFilterSet,
} from '@tetragon-ts/api'

type Names = readonly (string | number)[]
type SetMatch = (held: ReadonlySet<number>) => boolean

const numbers = new Map<string, number>(Object.entries(CapabilitiesType.values))

/** Capabilities as numbers: filters and events may use either spelling. */
function numbersOf(names: Names): number[] {
  return names.map((name) => (typeof name === 'number' ? name : (numbers.get(name) ?? -1)))
}

function compileSet({ any, all, exactly, none }: CapFilterSet): SetMatch {
  const matches: SetMatch[] = []
  const add = (names: Names | undefined, match: (wanted: number[]) => SetMatch): void => {
    if (names !== undefined && names.length > 0) matches.push(match(numbersOf(names)))
  }
  add(any, (wanted) => (held) => wanted.some((each) => held.has(each)))
  add(all, (wanted) => (held) => wanted.every((each) => held.has(each)))
  add(none, (wanted) => (held) => !wanted.some((each) => held.has(each)))
  add(exactly, (wanted) => {
    const size = new Set(wanted).size
    return (held) => held.size === size && wanted.every((each) => held.has(each))
  })
  return (held) => matches.every((match) => match(held))
}

/** Compiles a filter by capabilities; a process with unknown capabilities does not match. */
export function compileCapFilter(filter: CapFilter): (held: Capabilities | undefined) => boolean {
  const sets = (['permitted', 'effective', 'inheritable'] as const).flatMap((name) => {
    const set = filter[name]
    return set === undefined ? [] : [[name, compileSet(set)] as const]
  })
  return (held) =>
    held !== undefined && sets.every(([name, match]) => match(new Set(numbersOf(held[name] ?? []))))
}
