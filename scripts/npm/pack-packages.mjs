// Packages for npm, as artefacts (bill/describe-artefacts.mjs).

import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { npmComponent } from '../bill/components.mjs'
import {
  contentsFile,
  mergePackages,
  packageOfFolder,
  readContents,
} from '../bill/contained-packages.mjs'
import { neededFolders } from '../notices.mjs'
import { root, SetupError } from '../setup.mjs'

/** Folders with bundled code, in packages that have some. */
const bundles = ['bundle', 'bundle/commands', 'page']

/** What a package needs when it is installed, and what its bundles contain. */
function componentsOf(folder) {
  const needed = neededFolders(folder).map(packageOfFolder)
  const bundled = bundles.map((name) => join(folder, name))
  const contained = bundled.filter((path) => existsSync(join(path, contentsFile))).map(readContents)
  return mergePackages(needed, ...contained).map(npmComponent)
}

/**
 * Copies what a package contains. The modules for tests of other packages are left out, and so are
 * their names.
 * @returns the folder of the copy
 */
function copyPackage(folder, target) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const copy = join(target, basename(folder))
  const isPacked = (path) => !/\/testing$|\.test\.|\/node_modules$/.test(path)
  const names = [...manifest.files.filter((name) => !name.startsWith('!')), 'README.md', 'LICENSE']
  for (const name of names.filter((each) => existsSync(join(folder, each)))) {
    cpSync(join(folder, name), join(copy, name), { recursive: true, filter: isPacked })
  }
  const exported = Object.entries(manifest.exports ?? {})
  const kept = exported.filter(([name]) => !/\/testing(\/|$)/.test(name))
  const published = { ...manifest, exports: Object.fromEntries(kept) }
  writeFileSync(join(copy, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
  return copy
}

/** @throws SetupError if npm fails */
function pack(folders, target) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', target, ...folders]
  const { status, error, stdout, stderr } = spawnSync('npm', args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new SetupError(`pack npm packages: ${error?.message ?? stderr}`)
  return JSON.parse(stdout)
}

/**
 * Packs what is built.
 * @param names folders of `packages`; none: all
 * @param target folder of the archives
 * @returns artefacts
 * @throws SetupError if there is no such package, or npm fails
 */
export function packPackages(names, target) {
  const packages = join(root, 'packages')
  const wanted = (names.length > 0 ? names : readdirSync(packages)).map((name) => {
    if (existsSync(join(packages, name, 'package.json'))) return join(packages, name)
    throw new SetupError(`pack npm packages: unknown package '${name}'`)
  })
  const folders = wanted.filter((folder) => {
    return !JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).private
  })
  mkdirSync(target, { recursive: true })
  const work = mkdtempSync(join(target, 'npm-'))
  const copies = folders.map((folder) => copyPackage(folder, work))
  const packed = pack(copies, target)
  rmSync(work, { recursive: true })
  return packed.map(({ filename, version }, i) => {
    const file = join(target, filename)
    const purl = npmComponent(packageOfFolder(folders[i])).purl
    return { type: 'library', file, version, purl, components: componentsOf(folders[i]) }
  })
}
