// npm packages with programs for one machine (the linter, DuckDB, the bundler, system calls) are
// optional dependencies of what uses them. npm leaves out an optional package without a word when
// its download fails, so that whatever needs it would fail much later.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

function thisLibc() {
  return process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
}

/**
 * Folders of the packages for this machine that the lock file names and that are not installed.
 *
 * @param {string} root folder with package-lock.json and node_modules
 * @param {{ os: string, cpu: string, libc: string }} machine as npm writes them
 * @returns {string[]} relative to `root`
 */
export function missingNativePackages(
  root,
  machine = { os: process.platform, cpu: process.arch, libc: thisLibc() },
) {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const isFor = (wanted, value) => wanted === undefined || wanted.includes(value)
  return Object.entries(packages)
    .filter(
      ([folder, { optional, os, cpu, libc }]) =>
        optional === true &&
        isFor(os, machine.os) &&
        isFor(cpu, machine.cpu) &&
        isFor(libc, machine.libc) &&
        !existsSync(join(root, folder, 'package.json')),
    )
    .map(([folder]) => folder)
}
