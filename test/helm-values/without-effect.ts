import type { ComparedValue } from './comparison.ts'

/** A value without effect, as the templates of the chart read it. */
interface WithoutEffect {
  readonly value: string
  readonly default: unknown
  readonly reason: string
  /** Values that it requires: it has no effect unless all are true, or not empty. */
  readonly needs?: readonly string[]
}

/** Groups with values that others read: these have an effect without the group. */
const shared = ['', 'tetragon.', 'tetragonOperator.']

/** What values require besides the `enabled` of their groups. */
const requirements: Readonly<Record<string, string>> = {
  'tetragon.deletedPodCacheSize': 'tetragon.enableK8sAPI',
  'tetragon.exportFileCompress': 'tetragon.exportFilename',
  'tetragon.exportFileMaxBackups': 'tetragon.exportFilename',
  'tetragon.exportFileMaxSizeMB': 'tetragon.exportFilename',
  'tetragon.exportFilePerm': 'tetragon.exportFilename',
}

/** Values that the chart reports when they are set. */
export function withoutEffect(values: readonly ComparedValue[]): readonly WithoutEffect[] {
  return [...never(values), ...dependent(values)].sort((a, b) => (a.value < b.value ? -1 : 1))
}

/** Values that never have an effect. Of groups with `enabled` it is only that value. */
function never(values: readonly ComparedValue[]): WithoutEffect[] {
  const omitted = values.filter(({ state }) => state === 'omitted')
  const groups = groupsOf(omitted)
  const isInside = (path: string) =>
    groups.some((group) => path.startsWith(group) && path !== `${group}enabled`)
  return omitted
    .filter(({ path }) => !isInside(path))
    .map(({ path, default: initial, note }) => {
      return { value: path, default: initial, reason: note }
    })
}

/** Values that have no effect while others are off. */
function dependent(values: readonly ComparedValue[]): WithoutEffect[] {
  const there = values.filter(({ state }) => state !== 'omitted')
  const switches = there.filter(({ default: initial }) => typeof initial === 'boolean')
  const groups = groupsOf(switches).filter((group) => !shared.includes(group))
  return there.flatMap(({ path, default: initial }) => {
    const outer = groups.filter((each) => path.startsWith(each) && path !== `${each}enabled`)
    const extra = requirements[path] === undefined ? [] : [requirements[path]]
    const needs = [...outer.map((group) => `${group}enabled`), ...extra]
    return needs.length === 0
      ? []
      : [{ value: path, default: initial, reason: 'it requires', needs }]
  })
}

/** Prefixes of the groups that can be switched, outer ones first. */
function groupsOf(values: readonly ComparedValue[]): string[] {
  const switches = values.map(({ path }) => path).filter((path) => /(^|\.)enabled$/.test(path))
  return switches.map((path) => path.slice(0, -'enabled'.length)).sort()
}
