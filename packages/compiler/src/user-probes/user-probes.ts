import type { UserPlace } from '@tetragon-ts/ebpf/lang'
import type { UserHook } from '@tetragon-ts/policy'
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
const nothing: ProbeSites = { sites: [], missing: [], others: { areNew: false, problems: [] } }

/**
 * The places of all locators in a file. If there are several, their indexes are the cookies. Of
 * several names of a function, the first one counts: a call is one event.
 * @throws ElfError
 */
function sitesOf(locators: readonly Locator[], file: UserFile): ProbeSites {
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

/** The files that a hook in user space is about, and where its programs are attached to them. */
export interface UserProbes {
  /** In the root of the host, and in that of each container. */
  readonly path: string
  /**
   * @param isForeign whether the file is a container's, which others than the host's root choose
   * @throws ElfError, WrongDigest, Error if it must not be probed
   */
  find(file: UserFile, isForeign: boolean): ProbeSites
}

/** The file has none of the digests that the policy names. */
export class WrongDigest extends Error {
  override readonly name = 'WrongDigest'
}

/** The probes of some functions of a hook, by their index. */
export function userProbes(
  user: UserHook,
  locators: readonly Locator[],
  returns: boolean,
): UserProbes {
  return {
    path: user.file,
    find(file, isForeign) {
      const isKnown = user.binaryDigests.length > 0
      // It may be any file: a breakpoint elsewhere in it would break others that execute it.
      if (isForeign && !isKnown && locators.some(({ isOfOneFile }) => isOfOneFile)) {
        throw new Error(`probe ${file.path} of a container: offsets there need binaryDigests`)
      }
      if (user.ignoreDigestFailure && !hasDigest(file, user)) return nothing
      checkDigest(file, user)
      if (returns) checkReturns(file)
      return sitesOf(locators, file)
    },
  }
}

/** Whether a file is the one that the policy means. @throws WrongDigest */
export function checkDigest(file: UserFile, user: UserHook): void {
  if (hasDigest(file, user)) return
  const [algorithm] = user.binaryDigests[0].split(':')
  const found = file.digest(algorithm) || 'missing'
  throw new WrongDigest(`check ${file.path}: its ${algorithm} is ${found}`)
}

/** Whether a file has one of the digests that the policy names. @throws ElfError */
export function hasDigest(file: UserFile, { binaryDigests }: UserHook): boolean {
  return (
    binaryDigests.length === 0 ||
    binaryDigests.some((written) => {
      const [algorithm, hex] = written.split(':')
      return file.digest(algorithm) === hex.toLowerCase()
    })
  )
}

/**
 * Refuses probes at returns in programs of Go: the kernel replaces the return address, which the
 * program takes for damage when it moves the stack. @throws Error
 */
export function checkReturns({ elf, path }: UserFile): void {
  if (elf.section('.gopclntab', 1) === undefined) return
  throw new Error(`probe ${path}: programs of Go do not survive probes at the return of functions`)
}
