// CHANGELOG.md: a section of each version, newest first; `Unreleased` is above them.

const unreleased = '## Unreleased'

/** @returns the text below the heading of a version, or undefined; `Unreleased` is one */
export function sectionOf(changelog, version) {
  const lines = changelog.split('\n')
  const isHeading = (line) => line === `## ${version}` || line.startsWith(`## ${version} `)
  const start = lines.findIndex(isHeading)
  if (start < 0) return undefined
  const next = lines.findIndex((line, i) => i > start && line.startsWith('## '))
  return lines
    .slice(start + 1, next < 0 ? undefined : next)
    .join('\n')
    .trim()
}

/**
 * Makes the unreleased changes those of a version.
 * @param date of the release, YYYY-MM-DD
 * @throws Error if there are none
 */
export function closeSection(changelog, version, date) {
  if (!sectionOf(changelog, 'Unreleased')) throw new Error('CHANGELOG.md has no unreleased changes')
  return changelog.replace(unreleased, `${unreleased}\n\n## ${version} (${date})`)
}
