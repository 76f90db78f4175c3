const nanoseconds: Readonly<Record<string, bigint>> = {
  '': 1_000_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

/** Parses `5`, `5s`, `1m` or `2h` to nanoseconds; undefined for anything else. */
export function parseRateLimit(text: string): bigint | undefined {
  const match = /^(\d{1,9})([smh]?)$/.exec(text)
  return match === null ? undefined : BigInt(match[1]) * nanoseconds[match[2]]
}
