import { useEffect, useId, useRef } from 'preact/hooks'
import { gaps } from '../losses/known-gaps.ts'
import type { WorkerLink } from '../page/worker-link.ts'
import { type Gap, gapsIn, gapText } from '../store/gaps.ts'
import { missingUntil, type Span } from '../store/span.ts'
import { spanText, timeText } from '../store/time-text.ts'
import { barHeight, type KindBars } from './bars.ts'
import { moveSpan, type Range, spanBetween } from './move-span.ts'
import { PastNote } from './past-note.tsx'
import type { TimeModel } from './time-model.ts'

interface Properties {
  readonly model: TimeModel
  readonly link: WorkerLink
}

/** How many events there were when, by kind, and the span of time that the views show. */
export function TimeLine({ model, link }: Properties) {
  const summary = link.summary.value
  useEffect(() => model.refresh(performance.now()), [summary])
  const legend = useId()
  const range = model.range.value
  if (range === undefined) return <PastNote past={summary.past} />
  return (
    <section class="time" aria-label="Time line">
      <Chart model={model} range={range} legend={legend} />
      <Legend id={legend} bars={model.bars.value} span={model.marked.value ?? range} />
      {model.span.value !== undefined && (
        <button
          type="button"
          onClick={() => {
            model.span.value = undefined
          }}
        >
          Show all times
        </button>
      )}
      <Missing model={model} droppedUntil={summary.droppedUntil} />
      <PastNote past={summary.past} />
    </section>
  )
}

interface MissingProperties {
  readonly model: TimeModel
  readonly droppedUntil: number | undefined
}

/** Says if not all events of the span are kept. */
function Missing({ model, droppedUntil }: MissingProperties) {
  const span = model.span.value
  const until = span && missingUntil(span, droppedUntil)
  if (!model.isTooOld && until === undefined) return null
  return (
    <p class="missing">
      {model.isTooOld
        ? 'Select a later span, or show all times: this span is older than all events that are kept.'
        : `Events of this span up to ${timeText(until!)} were dropped to save memory.`}
    </p>
  )
}

interface ChartProperties {
  readonly model: TimeModel
  readonly range: Range
  /** Id of the element that says in words what is drawn. */
  readonly legend: string
}

function Chart({ model, range, legend }: ChartProperties) {
  const anchor = useRef<number | undefined>(undefined)
  const bars = (range.to - range.from) / range.step
  const marked = model.marked.value
  const onKeyDown = (event: KeyboardEvent): void => {
    const isEscape = event.key === 'Escape' && model.span.value !== undefined
    const next = moveSpan(event.key, event.shiftKey, model.span.value, range)
    if (!isEscape && next === undefined) return
    event.preventDefault()
    event.stopPropagation()
    model.span.value = next
  }
  const onDraw = (event: PointerEvent): void => {
    if (anchor.current === undefined) return
    model.draft.value = spanBetween(anchor.current, timeAt(event, range), range)
  }
  const onEnd = (): void => {
    if (model.draft.value !== undefined) model.span.value = model.draft.value
    model.draft.value = undefined
    anchor.current = undefined
  }
  return (
    <div
      class="chart"
      role="slider"
      aria-label="Span of time"
      aria-describedby={legend}
      aria-valuemin={range.from}
      aria-valuemax={range.to}
      aria-valuenow={marked?.from ?? range.from}
      aria-valuetext={marked === undefined ? 'all times' : spanText(marked)}
      title="Drag to select a span of time. Keys: arrows, with Shift to change its end, Escape."
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId)
        anchor.current = timeAt(event, range)
        onDraw(event)
      }}
      onPointerMove={onDraw}
      onPointerUp={onEnd}
      onPointerCancel={onEnd}
    >
      <svg viewBox={`0 0 ${bars} ${barHeight}`} preserveAspectRatio="none" aria-hidden="true">
        {model.bars.value.map(({ kind, path }) => (
          <path key={kind} class={classOf(kind)} d={path} />
        ))}
        {gapsIn(gaps.value, range).map((gap) => (
          <GapBand key={`${gap.from} ${gap.node}`} gap={gap} range={range} />
        ))}
        {marked !== undefined && <Marked span={marked} range={range} />}
      </svg>
    </div>
  )
}

/** A time in which events were lost: at least as wide as a bar. */
function GapBand({ gap, range }: { readonly gap: Gap; readonly range: Range }) {
  const from = Math.max(0, Math.floor((gap.from - range.from) / range.step))
  const to = Math.ceil((Math.min(gap.to, range.to) - range.from) / range.step)
  return <rect class="gap" x={from} y={0} width={Math.max(1, to - from)} height={barHeight} />
}

/** Everything beside the span is dimmed. */
function Marked({ span, range }: { readonly span: Span; readonly range: Range }) {
  const bars = (range.to - range.from) / range.step
  const from = Math.min(bars, Math.max(0, (span.from - range.from) / range.step))
  const to = Math.min(bars, Math.max(0, (span.to - range.from) / range.step))
  return (
    <g class="outside">
      <rect x={0} y={0} width={from} height={barHeight} />
      <rect x={to} y={0} width={bars - to} height={barHeight} />
    </g>
  )
}

/** The kinds with their colours and numbers: what is drawn, in words. */
function Legend({
  id,
  bars,
  span,
}: {
  readonly id: string
  readonly bars: readonly KindBars[]
  readonly span: Span
}) {
  const lost = gapText(gapsIn(gaps.value, span))
  return (
    <p class="legend" id={id}>
      {spanText(span)}
      {bars.map(({ kind, count }) => (
        <span key={kind}>
          <i class={classOf(kind)} /> {nameOf(kind)} {count}
        </span>
      ))}
      {lost !== '' && <span class="missing">{`⚠ ${lost} here`}</span>}
    </p>
  )
}

function timeAt({ currentTarget, clientX }: PointerEvent, { from, to }: Range): number {
  const { left, width } = (currentTarget as Element).getBoundingClientRect()
  return from + ((clientX - left) / width) * (to - from)
}

function nameOf(kind: string): string {
  return kind === '' ? 'others' : kind.replace('process_', '')
}

function classOf(kind: string): string {
  return `kind-${nameOf(kind)}`
}
