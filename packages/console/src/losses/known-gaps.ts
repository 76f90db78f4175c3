import { computed, signal } from '@preact/signals'
import { type Gap, gapsIn, lostIn } from '../store/gaps.ts'

/** When events did not reach the page. */
export const streamGaps = signal<readonly Gap[]>([])
/** When agents lost events. */
export const agentGaps = signal<readonly Gap[]>([])

/** All times in which events were lost, that all views mark. */
export const gaps = computed<readonly Gap[]>(() => [...streamGaps.value, ...agentGaps.value])

/** Gaps in which a process started, so that there may be others between it and its parent. */
export function gapsAtStart({
  start,
  node,
}: {
  readonly start: number | undefined
  readonly node: string
}): Gap[] {
  if (start === undefined) return []
  const atStart = gapsIn(gaps.value, { from: start, to: start + 1 }, node)
  return atStart.filter(({ hidesProcesses }) => hidesProcesses)
}

/** Such as `1,204 events were lost`; empty without gaps. */
export function gapText(gaps: readonly Gap[]): string {
  const lost = lostIn(gaps)
  if (!gaps.some(({ isUncounted }) => isUncounted)) return lost === 0 ? '' : lossText(lost)
  return lost === 0 ? 'events may be missing' : `${lossText(lost)}, or more`
}

function lossText(lost: number): string {
  return lost === 1 ? '1 event was lost' : `${lost.toLocaleString('en')} events were lost`
}
