/** Such as `1,204 events`, or `1 event`. */
export function eventsText(count: number): string {
  return count === 1 ? '1 event' : `${count.toLocaleString('en')} events`
}
