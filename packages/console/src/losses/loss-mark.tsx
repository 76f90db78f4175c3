import { lostIn } from '../store/gaps.ts'
import { gaps } from './gaps.ts'
import { lossText } from './loss-note.tsx'

/** A mark in the header of every view: the page does not have all events. */
export function LossMark({ onOpen }: { readonly onOpen: () => void }) {
  const lost = lostIn(gaps.value)
  if (lost === 0) return null
  return (
    <button type="button" class="loss-mark" title="Show which, and why" onClick={onOpen}>
      {`⚠ ${lossText(lost)}`}
    </button>
  )
}
