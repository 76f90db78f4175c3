/** Date and time of day in UTC. @param time milliseconds since 1970 */
export function momentText(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').replace('Z', '')
}

/** Such as `1,204`. */
export function countText(count: number): string {
  return count.toLocaleString('en')
}
