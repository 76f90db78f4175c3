import { escapeUnprintable } from '@tetragon-ts/api'
import { gaps } from '../losses/gaps.ts'
import { gapsAtStart, lossText } from '../losses/loss-note.tsx'
import { timeText } from '../page/time-text.ts'
import { lostIn } from '../store/gaps.ts'
import type { ProcessFacts } from '../store/process-facts.ts'
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
      <ol class="lineage">
        {isCut(lineage[0]) && (
          <li class="missing">
            A process that this page does not know: it started before the page’s events, or the
            event of its start was lost or dropped.
          </li>
        )}
        {lineage.map((facts) => (
          <li key={facts.execId}>
            <LostAtStart facts={facts} />
            <bdi>{processText(facts)}</bdi>
            <small>
              <bdi>{noteOf(facts)}</bdi>
            </small>
            {onTree && (
              <button
                type="button"
                aria-label={`only its tree: ${processText(facts)}`}
                onClick={() => onTree(facts.execId)}
              >
                only its tree
              </button>
            )}
          </li>
        ))}
      </ol>
    </>
  )
}

/** Whether a process was started by one that is unknown. */
function isCut({ parentExecId, execId }: ProcessFacts): boolean {
  return parentExecId !== '' && parentExecId !== execId
}

/** Says that the event of another process between it and the one above may be missing. */
function LostAtStart({ facts }: { readonly facts: ProcessFacts }) {
  const lost = lostIn(gapsAtStart(gaps.value, facts))
  if (lost === 0) return null
  return (
    <p class="loss">{`⚠ ${lossText(lost)} when it started: processes may be missing above it.`}</p>
  )
}

function noteOf({ pid, uid, pod, node, start, end, ending }: ProcessFacts): string {
  const notes = [
    `pid ${pid}`,
    uid === undefined ? '' : `uid ${uid}`,
    pod === '' ? '' : `pod ${pod}`,
    node === '' ? '' : `node ${node}`,
    start === undefined ? '' : `started ${timeText(start)}`,
    end === undefined ? '' : `${ending} ${timeText(end, start)}`,
  ]
  return escapeUnprintable(notes.filter((note) => note !== '').join(', '))
}
