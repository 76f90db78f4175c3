import { escapeUnprintable } from '@tetragon-ts/api'
import { gaps } from '../losses/known-gaps.ts'
import { gapsIn } from '../store/gaps.ts'
import { placeText } from '../store/process-text.ts'
import { timeText } from '../store/time-text.ts'
import type { ProcessRow } from '../worker/protocol.ts'
import { processText } from './process-text.ts'

/** Pixels of a step to the right for each process above, and the steps that are shown. */
const indent = 16
const indentMax = 24

/** Names of the columns, above the tree. */
export function Heads() {
  return (
    <div class="heads" aria-hidden="true">
      <span class="cell cell-event">process</span>
      <span class="cell cell-pid">pid</span>
      <span class="cell cell-time">started</span>
      <span class="cell cell-ending">ended</span>
      <span class="cell cell-user">user</span>
      <span class="cell cell-container">container</span>
      <span class="cell cell-count">events</span>
    </div>
  )
}

interface Properties {
  readonly row: ProcessRow
  readonly onToggle: () => void
}

/** A process: what it executes, and what it executed before, in its place of the tree. */
export function Cells({ row, onToggle }: Properties) {
  const {
    execId,
    parentExecId,
    depth,
    pid,
    ending,
    events,
    earlier,
    omitted,
    start,
    user,
    hidden,
  } = row
  const binaries = earlier.map(({ binary }) => binary)
  const before = [...(omitted > 0 ? [`${omitted} others`] : []), ...binaries].join(', ')
  return (
    <>
      <span class={ending === '' ? 'cell cell-event' : 'cell cell-event ended'}>
        <span style={{ paddingLeft: `${Math.min(depth, indentMax) * indent}px` }} />
        <Twisty row={row} onToggle={onToggle} /> <bdi>{processText(row)}</bdi>
        {depth === 0 && parentExecId !== '' && parentExecId !== execId && (
          <small title="This page has no event of the process that started it."> ← unknown</small>
        )}
        {before !== '' && <small> executed by {escapeUnprintable(before)}</small>}
        {hidden > 0 && <small> … {hidden} below</small>}
      </span>
      <span class="cell cell-pid">{pid}</span>
      <time class="cell cell-time">{start === undefined ? '' : timeText(start)}</time>
      <span class="cell cell-ending">{escapeUnprintable(ending) || 'running'}</span>
      <bdi class="cell cell-user">{escapeUnprintable(user)}</bdi>
      <bdi class="cell cell-container">{escapeUnprintable(placeText(row))}</bdi>
      <span class="cell cell-count">
        {events > 0 && `${mayLack(row) ? '≥ ' : ''}${events}`}
        {events > 0 && mayLack(row) && <span class="hidden">, at least: events were lost</span>}
      </span>
    </>
  )
}

/** Shows and hides what is below a row: for the mouse, since arrows do it with keys. */
function Twisty({ row: { children, hidden }, onToggle }: Properties) {
  if (children === 0) return <span class="twisty" />
  return (
    <span
      class="twisty"
      aria-hidden="true"
      onClick={(event) => {
        event.stopPropagation()
        onToggle()
      }}
    >
      {hidden > 0 ? '▸' : '▾'}
    </span>
  )
}

/** Whether events of a process may have been lost. */
function mayLack({ start = 0, end = Number.POSITIVE_INFINITY, node }: ProcessRow): boolean {
  return gapsIn(gaps.value, { from: start, to: end }, node).length > 0
}
