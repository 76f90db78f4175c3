import type { Diagnostic, Hook, PolicyDocument, UserHook } from '@tetragon-ts/policy'
import type { KernelView } from '../hook-plans/kernel-view.ts'
import {
  checkDigest,
  checkReturns,
  loadUserTypes,
  planOverride,
  type UserFile,
  WrongDigest,
} from '../user-probes/index.ts'

// Common parts of the sections for user space.

/** Where a hook in user space is. */
export function userOf({ user, path }: Hook): UserHook {
  if (!user) throw new Error(`${path} is not in user space`)
  return user
}

/** What `use` finds in the hook's file on the host; undefined if it is not there or no program. */
export function withHostFile<T>(
  hook: Hook,
  kernel: KernelView,
  use: (file: UserFile) => T,
): T | undefined {
  try {
    using file = kernel.openUserFile(userOf(hook).file)
    return use(file)
  } catch {
    // See checkUserFile.
    return undefined
  }
}

/** What is wrong with the hook's file on the host. It may also appear later, or in a container. */
export function checkUserFile(
  hook: Hook,
  document: PolicyDocument,
  kernel: KernelView,
  checkContent: CheckContent = readSymbols,
): readonly Diagnostic[] {
  const user = userOf(hook)
  const problem = (path: string, message: string, severity: 'error' | 'warning') =>
    document.diagnose(`${hook.path}.${path}`, 'POLICY_FILE', message, { severity })
  if (!user.file.startsWith('/')) return [problem('path', 'the path must be absolute', 'error')]
  const ofTypes = checkTypes(hook, kernel, problem)
  try {
    using file = kernel.openUserFile(user.file)
    const ofContent = checkFile(file, user, (it) => checkContent(it, hook), problem)
    return [
      ...ofTypes,
      ...ofContent,
      ...(ofContent.length > 0 ? [] : checkTargets(file, hook, document)),
    ]
  } catch (error) {
    const { message } = error as Error
    const waits = 'the hook waits until there is one on the host or in a container'
    return [...ofTypes, problem('path', `${message}: ${waits}`, 'warning')]
  }
}

type Problem = (path: string, message: string, severity: 'error' | 'warning') => Diagnostic

/** @throws ElfError */
type CheckContent = (file: UserFile, hook: Hook) => readonly Diagnostic[]

function readSymbols(file: UserFile, { returnArg }: Hook): readonly Diagnostic[] {
  void file.elf.symbols
  if (returnArg) checkReturns(file)
  return []
}

function checkFile(
  file: UserFile,
  user: UserHook,
  checkContent: (file: UserFile) => readonly Diagnostic[],
  problem: Problem,
): readonly Diagnostic[] {
  try {
    checkDigest(file, user)
    return checkContent(file)
  } catch (error) {
    const { message } = error as Error
    if (!(error instanceof WrongDigest)) return [problem('path', message, 'error')]
    if (!user.ignoreDigestFailure) return [problem('binaryDigests', message, 'error')]
    return [problem('binaryDigests', `${message}: it is not probed`, 'warning')]
  }
}

/** Where threads continue must be in the file, too. */
function checkTargets(file: UserFile, hook: Hook, document: PolicyDocument): Diagnostic[] {
  const actions = hook.selectors.flatMap((selector) => selector.actions)
  return actions.flatMap((action) => {
    if (action.action !== 'Override') return []
    const { target } = planOverride(action)
    if (!target || target.addressIn(file) !== undefined) return []
    const message = `${file.path} has no single place ${target.shown}`
    return [document.diagnose(action.path, 'POLICY_FILE', message)]
  })
}

/** Loads the types of the program, if arguments have members. */
function checkTypes(hook: Hook, kernel: KernelView, problem: Problem): Diagnostic[] {
  const user = userOf(hook)
  const { args, data, returnArg } = hook
  const all = [...args, ...data, ...(returnArg ? [returnArg] : [])]
  if (!all.some(({ btfType }) => btfType !== undefined)) return []
  try {
    using file = kernel.openUserFile(user.btfFile ?? user.file)
    loadUserTypes(user, file)
    return []
  } catch (error) {
    const path = user.btfFile === undefined ? 'path' : 'btfPath'
    return [problem(path, (error as Error).message, 'error')]
  }
}
