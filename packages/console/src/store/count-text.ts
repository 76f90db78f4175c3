/** Such as `1,204`. */
export function countText(count: number): string {
  return count.toLocaleString('en')
}

/** Such as `1,204 events`, or `1 event`. */
export function eventsText(count: number): string {
  return count === 1 ? '1 event' : `${countText(count)} events`
}
