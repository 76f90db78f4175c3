import { UsageError } from '../usage-error.ts'

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Reads a time such as `30s` or `1m30s` as milliseconds. Throws UsageError. */
export function parseDuration(option: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new UsageError(`parse --${option}: invalid time "${text}" (examples: 2s, 1m30s)`)
  }
  return parts.reduce((sum, [, number, unit]) => {
    return sum + Number(number) * units[unit as keyof typeof units]
  }, 0)
}
