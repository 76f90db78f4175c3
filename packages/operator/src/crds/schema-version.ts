const versionForm = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?$/

/**
 * Compares versions of schemas.
 * @param installed any text; anything but a version is older than every version
 * @returns negative: older than `ours`; zero: the same; positive: newer
 */
export function compareVersions(installed: string, ours: string): number {
  const theirs = versionForm.exec(installed)
  const own = versionForm.exec(ours)
  if (theirs === null || own === null) return theirs === null ? -1 : 1
  for (let part = 1; part <= 3; part++) {
    const difference = Number(theirs[part]) - Number(own[part])
    if (difference !== 0) return difference
  }
  return 0
}
