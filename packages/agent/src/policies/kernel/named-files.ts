import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import type { ArgumentMatch, Diagnostic, Policy, PolicyDocument } from '@tetragon-ts/policy'

/** A file that a condition names by `inode:`. */
interface NamedFile {
  /** In the policy. */
  readonly at: string
  /** On the host. */
  readonly path: string
}

/** All files that a policy names by `inode:`. */
export function namedFiles({ hooks }: Policy): readonly NamedFile[] {
  const conditions = hooks.flatMap(({ selectors }) =>
    selectors.flatMap(({ args, data, returnArgs }) => [...args, ...data, ...returnArgs]),
  )
  return conditions.flatMap(filesOf)
}

function filesOf({ path: at, test, written }: ArgumentMatch): readonly NamedFile[] {
  if (test.operator !== 'equal-string' || !test.files) return []
  return test.files.map((path) => {
    const index = written.values.findIndex((value) => value.endsWith(`:${path}`))
    return { at: `${at}.values[${index}]`, path }
  })
}

/**
 * Errors for files that do not exist now: such a condition would not be in force.
 * @param root leads to that of the host
 */
export function missingFiles(document: PolicyDocument, root: string): readonly Diagnostic[] {
  return namedFiles(document.policy).flatMap(({ at, path }) => {
    const problem = problemOf(join(root, path))
    return problem ? [document.diagnose(at, 'POLICY_FILE', `no file at ${path}: ${problem}`)] : []
  })
}

function problemOf(place: string): string | undefined {
  try {
    return lstatSync(place).isSymbolicLink() ? 'it is a link: name its target' : undefined
  } catch (error) {
    return (error as Error).message
  }
}
