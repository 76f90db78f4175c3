// Copies the image and the chart of a release to their registry, and its packages to that of npm.

import { spawnSync } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chartReference, imageReference } from '../image/write-image.mjs'
import { SetupError } from '../setup.mjs'
import { chartFile, imageFile } from './write-release.mjs'

/**
 * Compares all files with SHA256SUMS, and that with its signature.
 * @param key that signed (bill/signatures.mjs)
 * @returns {string[]} the names of the files
 * @throws SetupError if one has changed
 */
export function verifyRelease(folder, key) {
  const path = join(folder, 'SHA256SUMS')
  if (!existsSync(path)) throw new SetupError(`publish a release: there is none in ${folder}`)
  const sums = readFileSync(path)
  const signature = existsSync(`${path}.sig`) && readFileSync(`${path}.sig`)
  if (!key || !signature || !verify('sha256', sums, createPublicKey(key), signature)) {
    throw new SetupError('publish a release: SHA256SUMS is not signed by TETRAGON_SIGNING_KEY')
  }
  const lines = sums.toString().trim().split('\n')
  return lines.map((line) => {
    const [digest, name] = line.split('  ')
    const content = readFileSync(join(folder, name))
    if (createHash('sha256').update(content).digest('hex') === digest) return name
    throw new SetupError(`publish a release: ${name} has changed since it was signed`)
  })
}

/**
 * Publishes a release with skopeo and npm, whose logins are used. npm refuses a version that it
 * has already; the registry's image and chart are replaced.
 * @param {{ plainHttp: boolean, dryRun: boolean }} options `plainHttp`: the registry has no TLS;
 *   `dryRun`: npm publishes nothing
 * @throws SetupError if a file has changed, or a program is missing or fails
 */
export function publishRelease(folder, key, { plainHttp, dryRun }) {
  const names = verifyRelease(folder, key)
  const copies = { [imageFile]: imageReference, [chartFile]: chartReference }
  for (const [file, reference] of Object.entries(copies)) {
    if (!names.includes(file)) throw new SetupError(`publish a release: ${file} is missing`)
    const tls = plainHttp ? ['--dest-tls-verify=false'] : []
    const target = `docker://${reference}`
    run('skopeo', [
      'copy',
      '--preserve-digests',
      ...tls,
      `oci-archive:${join(folder, file)}`,
      target,
    ])
  }
  for (const name of names.filter((each) => /^tetragon-ts-[a-z]+-[\d.]+\.tgz$/.test(each))) {
    run('npm', ['publish', join(folder, name), '--access=public', ...(dryRun ? ['--dry-run'] : [])])
  }
}

function run(program, args) {
  const { status, error, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status === 0) return
  throw new SetupError(`publish a release: ${program}: ${error?.message ?? stderr.trim()}`)
}
