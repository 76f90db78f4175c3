import { escapeUnprintable } from '@tetragon-ts/api'
import { timeText } from '../page/time-text.ts'
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
        {lineage.map((facts) => (
          <li key={facts.execId}>
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
