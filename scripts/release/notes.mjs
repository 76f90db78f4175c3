// RELEASE-NOTES.md of a release: what changes for existing installations, all changes, the files.

import { statSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * @param section of CHANGELOG.md, which begins with what needs a change of existing installations
 * @param files paths of the files of the release
 * @param references of the image and the chart in the registry
 */
export function releaseNotes(version, section, files, references) {
  const rows = files.map((file) => `| \`${basename(file)}\` | ${sizeOf(file)} |`)
  return [
    `# tetragon-ts ${version}`,
    section,
    '## Files',
    ['| file | size |', '| ---- | ---- |', ...rows].join('\n'),
    `In the registry: ${references.map((each) => `\`${each}\``).join(', ')}.`,
    'SHA256SUMS has their checksums; docs/verify.md says how signatures and provenance are verified.',
    '',
  ].join('\n\n')
}

function sizeOf(file) {
  const { size } = statSync(file)
  return size < 1e6 ? `${Math.ceil(size / 1e3)} kB` : `${(size / 1e6).toFixed(1)} MB`
}
