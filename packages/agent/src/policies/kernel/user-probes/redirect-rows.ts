import { type ProbeSites, type Redirects, redirectRows } from '@tetragon-ts/compiler'
import type { OpenUserFile } from '@tetragon-ts/compiler/running-kernel'
import type { OpenMap } from '@tetragon-ts/ebpf/open-maps'

/** The row of a file in the map of a hook's targets. */
export interface RedirectRow {
  readonly number: number
  /** With cookies by which programs find the row. */
  readonly sites: ProbeSites['sites']
  /** Targets that the file lacks: there the action fails. */
  readonly missing: readonly string[]
}

/** Where the programs of a hook continue threads, for each file that they are attached to. */
export class RedirectRows {
  readonly #redirects: Redirects
  readonly #map: OpenMap<number, bigint>
  readonly #free: number[] = []
  #next = 0

  constructor(redirects: Redirects, map: OpenMap<number, bigint>) {
    this.#redirects = redirects
    this.#map = map
  }

  /**
   * Enters a file and the places where programs will be attached.
   * @throws ElfError, SystemCallError, RangeError if a number does not fit
   */
  add(file: OpenUserFile, sites: ProbeSites['sites']): RedirectRow {
    const found = this.#redirects.find(file)
    if (this.#free.length === 0 && this.#next === redirectRows) {
      throw new RangeError(`probe ${file.path}: the hook is attached to ${redirectRows} files`)
    }
    const number = this.#free.at(-1) ?? this.#next
    const withCookies = sites.map((site) => {
      return { ...site, cookie: this.#redirects.cookie(file, site, number) }
    })
    found.forEach(([, address = 0], i) => {
      this.#map.update(number * found.length + i, BigInt(address))
    })
    if (number === this.#next) this.#next++
    else this.#free.pop()
    const missing = found.flatMap(([name, address]) => (address === undefined ? [name] : []))
    return { number, sites: withCookies, missing }
  }

  /** Frees a row that no program uses any more. */
  remove(number: number): void {
    this.#free.push(number)
  }
}
