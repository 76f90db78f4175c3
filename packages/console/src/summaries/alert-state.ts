export const alertStates = ['new', 'seen', 'closed'] as const
export type AlertState = (typeof alertStates)[number]

/** The state that a user gave to an alert. */
export interface SavedState {
  readonly key: string
  readonly state: AlertState
  readonly note: string
  /** Time of the latest event when the state was set, in milliseconds since 1970. */
  readonly last: number
}

/**
 * The state of an alert: a closed one with a later event is new, and has its note.
 * @param saved undefined: none was set
 * @param last time of its latest event, in milliseconds since 1970
 */
export function alertState(
  saved: SavedState | undefined,
  last: number,
): Pick<SavedState, 'state' | 'note'> {
  if (saved === undefined) return { state: 'new', note: '' }
  const isHitAgain = saved.state === 'closed' && last > saved.last
  return { state: isHitAgain ? 'new' : saved.state, note: saved.note }
}
