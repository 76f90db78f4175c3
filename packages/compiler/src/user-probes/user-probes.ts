import type { UserHook } from '@tetragon-ts/policy'
import { type Locator, nothing, type ProbeSites, sitesOf } from './probe-sites.ts'
import type { UserFile } from './user-file.ts'

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
