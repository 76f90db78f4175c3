import type { GetLossesResponse } from '@tetragon-ts/api'

/** Losses by kind, as GetLosses reports them. */
export type Losses = Readonly<Record<string, bigint>>

/** Losses as numbers; undefined: not reported. */
export function lossesOf(response: GetLossesResponse | undefined): Losses | undefined {
  if (response === undefined) return undefined
  const entries = Object.entries(response.losses ?? {})
  return Object.fromEntries(entries.map(([kind, count]) => [kind, BigInt(count)]))
}
