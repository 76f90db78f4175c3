import type { UserPlace } from '@tetragon-ts/ebpf/lang'
import type { UserFile } from './user-file.ts'

/** An instruction of a file that a hook is about. */
export interface ProbeSite extends UserPlace {
  /** Index among the functions of the hook. */
  readonly functionIndex: number
}

/** What a file has of a hook. */
export interface ProbeSites {
  readonly sites: readonly ProbeSite[]
  /** Names that the file lacks. */
  readonly missing: readonly string[]
  /** What is at other places of the file. */
  readonly others: OtherPlaces
}

/** Places of a probe that a program is not for. */
export interface OtherPlaces {
  /** Whether the policy has to be compiled again, because no program of it is for some of them. */
  readonly areNew: boolean
  /** Why no program can be for some of them. */
  readonly problems: readonly string[]
}

/** Finds a function or probe in any file. */
export interface Locator {
  readonly shown: string
  /** Its offset, if that is the same in all files. */
  readonly offset?: number | undefined
  /** Offset of its counter, if the policy names one. */
  readonly counterOffset?: number | undefined
  /** Whether it is right only in the file that the policy was written for. */
  readonly isOfOneFile?: boolean
  /** Whether its places are the first instructions of functions. */
  readonly atStart?: boolean
  /** @throws ElfError */
  find(file: UserFile): readonly UserPlace[]
  /** The places that it does not find; undefined if the file lacks the probe. @throws ElfError */
  others?(file: UserFile): OtherPlaces | undefined
}

/** Of a file that is not probed. */
export const nothing: ProbeSites = {
  sites: [],
  missing: [],
  others: { areNew: false, problems: [] },
}

/**
 * The places of all locators in a file. If there are several, their indexes are the cookies. Of
 * several names of a function, the first one counts: a call is one event.
 * @throws ElfError
 */
export function sitesOf(locators: readonly Locator[], file: UserFile): ProbeSites {
  const sites: ProbeSite[] = []
  const missing: string[] = []
  const taken = new Set<number>()
  let { others } = nothing
  for (const [functionIndex, locator] of locators.entries()) {
    const places = locator.find(file)
    const elsewhere = locator.others?.(file)
    if (places.length === 0 && !elsewhere) missing.push(locator.shown)
    others = elsewhere ?? others
    const cookie = locators.length > 1 ? BigInt(functionIndex) : undefined
    for (const place of places) {
      if (taken.has(place.offset)) continue
      taken.add(place.offset)
      sites.push({ ...place, functionIndex, cookie })
    }
  }
  return { sites, missing, others }
}
