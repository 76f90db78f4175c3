// The rpm package; deploy/rpm/tetragon-ts.spec says what it contains.

import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup.mjs'
import { packageVersion } from '../version.mjs'
import { runPackager } from './run-packager.mjs'

const architectures = { x64: 'x86_64', arm64: 'aarch64' }

/**
 * Writes the package. The same files have the same package, on any machine with the same release of
 * rpm, whose version is in it.
 * @param files folder with the files; @param time of the files, in seconds
 * @param fast whether it is compressed little
 * @returns the path of the package
 * @throws SetupError if rpmbuild is not installed or fails
 */
export function writeRpm(files, folder, version, time, fast) {
  const work = join(folder, 'rpm')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(work, { recursive: true })
  const architecture = architectures[process.arch]
  const name = `tetragon-ts-${packageVersion(version)}-1.${architecture}.rpm`
  const macros = {
    _topdir: work,
    _rpmdir: work,
    _rpmfilename: name,
    _tmppath: work,
    _buildhost: 'localhost',
    use_source_date_epoch_as_buildtime: 1,
    // Defaults of distributions would be in the header of the package.
    optflags: '%{nil}',
    vendor: '%{nil}',
    // The number of threads does not change the result. All releases of rpm can unpack both.
    _binary_payload: fast ? 'w1.gzdio' : 'w6T4.xzdio',
    package_version: packageVersion(version),
    package_files: files,
    package_time: time,
  }
  const definitions = Object.entries(macros).flatMap(([key, value]) => {
    return ['--define', `${key} ${value}`]
  })
  const spec = join(root, 'deploy/rpm/tetragon-ts.spec')
  const args = ['-bb', '--quiet', '--target', `${architecture}-linux`, ...definitions, spec]
  // Without the macros of the user.
  runPackager('rpmbuild', args, time, { HOME: work })
  const file = join(folder, name)
  renameSync(join(work, name), file)
  rmSync(work, { recursive: true })
  return file
}
