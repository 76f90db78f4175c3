import type { ArgumentMatch, Diagnostic, Hook, PolicyDocument } from '@tetragon-ts/policy'

/** A file that a condition names by `inode:`. */
interface NamedFile {
  /** In the policy. */
  readonly at: string
  /** On the host. */
  readonly path: string
}

function namedFiles({ selectors }: Hook): readonly NamedFile[] {
  return selectors
    .flatMap(({ args, data, returnArgs }) => [...args, ...data, ...returnArgs])
    .flatMap(filesOf)
}

function filesOf({ path: at, test, written }: ArgumentMatch): readonly NamedFile[] {
  if (test.operator !== 'equal-string' || !test.files) return []
  return test.files.map((path) => {
    const index = written.values.findIndex((value) => value.endsWith(`:${path}`))
    return { at: `${at}.values[${index}]`, path }
  })
}

/** Whether a hook has conditions on files. */
export function namesFiles(hook: Hook): boolean {
  return namedFiles(hook).length > 0
}

/** Errors for files that are not held: such a condition would not be in force. */
export function missingFiles(
  document: PolicyDocument,
  missing: readonly { readonly path: string; readonly reason: string }[],
): readonly Diagnostic[] {
  const named = document.policy.hooks.flatMap(namedFiles)
  return missing.map(({ path, reason }) => {
    const at = named.find((each) => each.path === path)?.at ?? 'spec'
    return document.diagnose(at, 'POLICY_FILE', `cannot hold the file at ${path}: ${reason}`)
  })
}
