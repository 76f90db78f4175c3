// The archives of the host packages: a Debian package and a tarball.

import {
  copyFileSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { root } from '../setup.mjs'
import { packageVersion } from '../version.mjs'
import { runPackager } from './run-packager.mjs'

const architectures = { x64: 'amd64', arm64: 'arm64' }
const maintainerScripts = ['postinst', 'prerm', 'postrm']

/**
 * The libraries are those that Node.js needs, which apt needs, too.
 * @param size of the installed files, in KiB
 */
const control = (version, architecture, size) => `Package: tetragon-ts
Version: ${packageVersion(version)}
Architecture: ${architecture}
Installed-Size: ${size}
Maintainer: tetragon-ts maintainers <maintainers@tetragon.example>
Depends: libc6 (>= 2.28), libstdc++6 (>= 7)
Conflicts: tetragon
Section: admin
Priority: optional
Description: eBPF-based security observability and runtime enforcement
 The agent tetragon reports processes and the events of policies as JSON lines, and
 tetra shows and controls what it observes.
`

/**
 * Writes the Debian package. Options of the machine are not conffiles: the package has none.
 * @param files folder with the files; @param time of the files, in seconds
 * @param fast whether it is compressed little
 * @returns the path of the package
 */
export function writeDebianPackage(files, folder, version, time, fast) {
  const work = join(folder, 'debian')
  rmSync(work, { recursive: true, force: true })
  cpSync(files, work, { recursive: true, verbatimSymlinks: true })
  mkdirSync(join(work, 'DEBIAN'))
  const architecture = architectures[process.arch]
  writeFileSync(join(work, 'DEBIAN/control'), control(version, architecture, installedSize(files)))
  for (const name of maintainerScripts) {
    copyFileSync(join(root, 'deploy/debian', name), join(work, 'DEBIAN', name))
  }
  const file = join(folder, `tetragon-ts_${packageVersion(version)}_${architecture}.deb`)
  const compression = fast ? ['-Zgzip', '-z1'] : []
  runPackager('dpkg-deb', ['--root-owner-group', ...compression, '--build', work, file], time)
  rmSync(work, { recursive: true })
  return file
}

/** KiB, as dpkg-gencontrol(1) counts: each file in whole ones, and one for everything else. */
function installedSize(folder) {
  const sizes = readdirSync(folder, { recursive: true }).map((path) => {
    const stat = lstatSync(join(folder, path))
    return stat.isFile() ? Math.ceil(stat.size / 1024) : 1
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Writes the tarball for other distributions, to be unpacked in /. @returns its path */
export function writeTarball(files, folder, version, time, fast) {
  const file = join(folder, `tetragon-ts-${version}-linux-${process.arch}.tar.gz`)
  writeTar(file, files, ['etc', 'usr'], time, fast)
  return file
}

/** Writes a compressed archive of folders in `from`: the same files have the same archive. */
export function writeTar(file, from, names, time, fast = false) {
  const order = ['--sort=name', `--mtime=@${time}`, '--owner=0', '--group=0', '--numeric-owner']
  const program = ['--use-compress-program', fast ? 'gzip -1n' : 'gzip -9n']
  runPackager('tar', ['--create', '--file', file, ...order, ...program, '-C', from, ...names], time)
}
