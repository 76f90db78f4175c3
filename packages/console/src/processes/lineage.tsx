import { escapeUnprintable } from '@tetragon-ts/api'
import { gapsAtStart } from '../losses/known-gaps.ts'
import { gapText } from '../store/gaps.ts'
import type { ProcessFacts } from '../store/process-facts.ts'
import { type Images, processesOf } from '../store/process-images.ts'
import { placeText } from '../store/process-text.ts'
import { timeText } from '../store/time-text.ts'
import { processText } from './process-text.ts'

interface Properties {
  readonly lineage: readonly ProcessFacts[]
  /** Shows only what a process and those below it did; undefined: the view cannot. */
  readonly onTree?: (execId: string) => void
}

/** How a process came to be: those above it, the root first. */
export function Lineage({ lineage, onTree }: Properties) {
  if (lineage.length === 0) return null
  return (
    <>
      <h2>Process</h2>
      <LostAtStarts lineage={lineage} />
      <ol class="lineage">
        {isCut(lineage[0]) && (
          <li class="ended">
            Started by a process that this page does not know: it has no event of it, or has dropped
            it.
          </li>
        )}
        {processesOf(lineage).map((images) => (
          <ProcessItem key={images[0].execId} images={images} onTree={onTree} />
        ))}
      </ol>
    </>
  )
}

interface ItemProperties extends Pick<Properties, 'onTree'> {
  readonly images: Images
}

/** A process, with what it executed before. */
function ProcessItem({ images, onTree }: ItemProperties) {
  const [first] = images
  const facts = images.at(-1)!
  const before = images.slice(0, -1).map(({ binary }) => binary)
  return (
    <li>
      {gapsAtStart(first).length > 0 && <span class="missing">⚠ </span>}
      <bdi>{processText(facts)}</bdi>
      <small>
        <bdi>{noteOf({ ...facts, start: first.start })}</bdi>
      </small>
      {before.length > 0 && <small>executed by {escapeUnprintable(before.join(', '))}</small>}
      {onTree && (
        <button
          type="button"
          aria-label={`only its tree: ${processText(facts)}`}
          onClick={() => onTree(first.execId)}
        >
          only its tree
        </button>
      )}
    </li>
  )
}

/** Whether a process was started by one that is unknown. */
function isCut({ parentExecId, execId }: ProcessFacts): boolean {
  return parentExecId !== '' && parentExecId !== execId
}

/** Says that events of processes between these may be missing: those marked started then. */
function LostAtStarts({ lineage }: Pick<Properties, 'lineage'>) {
  const lost = new Set(lineage.flatMap((facts) => gapsAtStart(facts)))
  if (lost.size === 0) return null
  return (
    <p class="loss">
      {`⚠ ${gapText([...lost])} when processes marked with ⚠ started: there may be more ` +
        'above them.'}
    </p>
  )
}

function noteOf(facts: ProcessFacts): string {
  const { pid, user, node, start, end, ending } = facts
  const place = placeText(facts)
  const notes = [
    `pid ${pid}`,
    user === '' ? '' : `as ${user}`,
    place === '' ? '' : `in ${place}`,
    node === '' ? '' : `node ${node}`,
    start === undefined ? '' : `started ${timeText(start)}`,
    end === undefined ? '' : `${ending} ${timeText(end, start)}`,
  ]
  return escapeUnprintable(notes.filter((note) => note !== '').join(', '))
}
