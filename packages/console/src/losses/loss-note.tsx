import { type Gap, gapsIn, lostIn } from '../store/gaps.ts'
import type { Span } from '../store/span.ts'
import { gaps } from './gaps.ts'

interface Properties {
  /** Undefined: all times. */
  readonly span: Span | undefined
  /** Only what may be of this node; undefined: of all. */
  readonly node?: string
  /** What may be missing because of it. */
  readonly text: string
}

/** Says that events are missing in what is shown; nothing if none was lost. */
export function LossNote({ span, node, text }: Properties) {
  const lost = lostIn(gapsIn(gaps.value, span, node))
  return lost === 0 ? null : <p class="loss">{`⚠ ${lossText(lost)} ${text}`}</p>
}

/** Such as `1,204 events were lost`. */
export function lossText(lost: number): string {
  return lost === 1 ? '1 event was lost' : `${lost.toLocaleString('en')} events were lost`
}

/** Gaps in which a process started, so that there may be others between it and its parent. */
export function gapsAtStart(
  all: readonly Gap[],
  { start, node }: { readonly start: number | undefined; readonly node: string },
): Gap[] {
  if (start === undefined) return []
  const atStart = gapsIn(all, { from: start, to: start + 1 }, node)
  return atStart.filter(({ hidesProcesses }) => hidesProcesses)
}
