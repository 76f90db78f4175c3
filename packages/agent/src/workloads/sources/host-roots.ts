/**
 * Where the files of the host may be: below the root of its first process, or below that of the
 * agent, in case the former is not accessible.
 */
export function hostRoots(procfs: string): readonly string[] {
  return [`${procfs}/1/root`, '']
}
