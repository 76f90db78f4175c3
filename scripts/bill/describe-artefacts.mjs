// Describes artefacts: their bills of materials, SHA256SUMS, and if there is a key signatures and
// signed provenance.

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root } from '../setup.mjs'
import { buildTime } from '../source-facts.mjs'
import { cycloneDx, spdx } from './formats.mjs'
import { checkLicences } from './licences.mjs'
import { buildInputs, provenance } from './provenance.mjs'
import { signFile, signingKey, signStatement } from './signatures.mjs'

/** @returns the SHA-256 digest of a file, in hexadecimal digits */
export function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

/**
 * Writes beside each file its bills, `.cdx.json` and `.spdx.json`, and in their folder SHA256SUMS
 * of all of them. Files and SHA256SUMS are signed with the key TETRAGON_SIGNING_KEY, and so is the
 * provenance of each file, `.sigstore.json`.
 * @param artefacts each `{ file, version, components }`, also `type` and `purl` as in formats.mjs,
 *   and `copies`: the file in other forms, such as compressed
 * @param others files without bills that SHA256SUMS has, too
 * @throws SetupError if a licence is not in the allow list, or the key cannot be used; nothing is
 *   written then
 */
export function describeArtefacts(folder, artefacts, key = signingKey(), others = []) {
  for (const { file, components } of artefacts) checkLicences(basename(file), components)
  const time = new Date(buildTime(root) * 1000).toISOString().replace('.000Z', 'Z')
  const files = artefacts.flatMap(({ file, copies = [] }) => [file, ...copies])
  const bills = artefacts.flatMap((artefact) => writeBills(artefact, time))
  const sums = join(folder, 'SHA256SUMS')
  const lines = [...files, ...others, ...bills].map(
    (file) => `${digestOf(file)}  ${basename(file)}\n`,
  )
  writeFileSync(sums, lines.join(''))
  for (const file of [...files, sums]) signFile(file, key)
  const inputs = buildInputs(root)
  for (const { file, version, copies = [] } of artefacts) {
    for (const path of [file, ...copies]) {
      const subject = { name: basename(path), version, digest: digestOf(path) }
      signStatement(path, provenance(subject, inputs), key)
    }
  }
}

function writeBills({ file, components, copies, type = 'application', ...facts }, time) {
  const artefact = { type, name: basename(file), digest: digestOf(file), time, ...facts }
  const documents = { cdx: cycloneDx(artefact, components), spdx: spdx(artefact, components) }
  return Object.entries(documents).map(([suffix, document]) => {
    const path = `${file}.${suffix}.json`
    writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`)
    return path
  })
}
