import { isDeepStrictEqual } from 'node:util'
import type { State } from '../compatibility/table.ts'
import { type ChartValue, chartValues } from './chart-values.ts'
import { image, reference } from './reference.ts'
import { otherDefaults, verdicts } from './verdicts.ts'

/** A value of Tetragon's chart, of ours, or of both. */
export interface ComparedValue {
  readonly path: string
  readonly state: State | 'only here'
  readonly default: unknown
  readonly meaning: string
  readonly note: string
}

/** All values in alphabetical order, and disagreements between values.yaml and the verdicts. */
export function compareValues(): { values: readonly ComparedValue[]; problems: string[] } {
  const ours = chartValues()
  const problems: string[] = []
  const used = new Set<string>()
  const values = [...new Set([...Object.keys(reference), ...ours.keys()])].map((path) => {
    const own = ours.get(path)
    const verdict = Object.keys(verdicts).find((key) => path === key || path.startsWith(`${key}.`))
    if (verdict !== undefined) used.add(verdict)
    const theirs = path in reference
    const [state, note] = verdicts[verdict ?? ''] ?? [theirs ? 'same' : 'only here', '']
    if (state === 'omitted' && own !== undefined) problems.push(`${path} is omitted, and there`)
    if (state !== 'omitted' && own === undefined) problems.push(`${path} is missing`)
    if (own?.meaning === '') problems.push(`${path} has no comment in values.yaml`)
    if (own !== undefined && theirs) problems.push(...otherDefault(path, own))
    const { default: initial, meaning } = own ?? { default: reference[path], meaning: '' }
    return { path, state, note, default: initial, meaning }
  })
  for (const path of Object.keys(verdicts)) {
    if (!used.has(path)) problems.push(`${path} has a verdict, but neither chart has it`)
  }
  return { values: values.sort((a, b) => (a.path < b.path ? -1 : 1)), problems }
}

function otherDefault(path: string, { default: ours }: ChartValue): string[] {
  const theirs = reference[path]
  const isOurImage = theirs === image && typeof ours === 'string'
  const isOther = !isOurImage && !isDeepStrictEqual(ours, theirs)
  if (isOther === otherDefaults.includes(path)) return []
  return [`${path} has ${isOther ? 'another' : 'the same'} default, ${JSON.stringify(ours)}`]
}
