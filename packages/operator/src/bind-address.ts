import { parseAddress, type TcpAddress } from '@tetragon-ts/service/listen'
import { BadValue } from '@tetragon-ts/service/options'

/** Parses `:8081` or `HOST:PORT`. @returns undefined for `0` @throws BadValue */
export function bindAddress(given: string): TcpAddress | undefined {
  if (given === '0' || given === '') return undefined
  const address = parseAddress(given)
  if (address.kind === 'unix' || !/:\d+$/.test(given)) {
    throw new BadValue(`invalid address "${given}" (expected HOST:PORT or 0)`)
  }
  return address
}
