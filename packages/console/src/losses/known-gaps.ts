import { computed, signal } from '@preact/signals'
import { type Gap, gapsAtMoment } from '../store/gaps.ts'

/** When events did not reach the page. */
export const streamGaps = signal<readonly Gap[]>([])
/** When agents lost events. */
export const agentGaps = signal<readonly Gap[]>([])

/** All times in which events were lost, that all views mark. */
export const gaps = computed<readonly Gap[]>(() => [...streamGaps.value, ...agentGaps.value])

/** Gaps in which a process started: see {@link gapsAtMoment}. */
export function gapsAtStart({
  start,
  node,
}: {
  readonly start: number | undefined
  readonly node: string
}): Gap[] {
  return gapsAtMoment(gaps.value, start, node)
}
