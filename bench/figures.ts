/** The median; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** A number with three significant digits, or all digits before the point. */
export function figure(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  return value.toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** A whole number, with commas between thousands. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** How much larger a value is than its baseline: `+12.3 %`. */
export function change(baseline: number, value: number): string {
  const percent = (value / baseline - 1) * 100
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`
}

/** How many times its baseline a value is: `1.12×`. */
export function ratio(baseline: number, value: number): string {
  return `${figure(value / baseline)}×`
}

/** A goal and whether it was met. */
export function goal(text: string, met: boolean): string {
  return `${text}: ${met ? 'met' : 'MISSED'}`
}

export const mebibyte = 1 << 20
