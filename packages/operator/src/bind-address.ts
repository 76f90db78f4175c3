import { BadValue, parseAddress } from '@tetragon-ts/options'

/** A TCP address to listen on; an empty host: all addresses. */
export interface BindAddress {
  readonly host: string
  readonly port: number
}

/** Parses `:8081` or `HOST:PORT`. @returns undefined for `0` @throws BadValue */
export function bindAddress(given: string): BindAddress | undefined {
  if (given === '0' || given === '') return undefined
  const address = parseAddress(given)
  if (address.kind === 'unix' || !/:\d+$/.test(given)) {
    throw new BadValue(`invalid address "${given}" (expected HOST:PORT or 0)`)
  }
  return { host: address.host, port: address.port }
}
