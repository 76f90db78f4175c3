/** The time of day of a moment, in UTC as in events. @param time milliseconds since 1970 */
export function timeText(time: number): string {
  return new Date(time).toISOString().slice(11, 23)
}
