// The files of the host packages, as they are on a machine.
//
// The programs are the executable, which needs no Node.js. The unit hides no files, because hooks
// can be in programs anywhere, and has no watchdog: compiling blocks the main thread, and a restart
// is a gap in enforcement.

import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { policyLibrary, writeLicences } from '../programs.mjs'
import { root } from '../setup.mjs'
import { manualPages } from './manual.mjs'

/** Where shells look for completion scripts of packages. */
const completions = {
  bash: 'usr/share/bash-completion/completions/tetra',
  zsh: 'usr/share/zsh/vendor-completions/_tetra',
  fish: 'usr/share/fish/vendor_completions.d/tetra.fish',
}
/** Options of the package. Those of the machine, in /etc, override them. */
const options = {
  'export-filename': '/var/log/tetragon/tetragon.log',
  // docs/detections.md has what they find, and what they find of ordinary work.
  'library-rules': 'low',
  // Some of them are about names of variables such as LD_PRELOAD.
  'exec-fields': 'environment',
  // A mistake in one policy file must not leave the machine without the others.
  'tolerate-policy-errors': 'true',
  // An upgrade must not leave the machine without its policies.
  'keep-sensors-on-restart': 'true',
}

/**
 * Assembles the files below `folder` and replaces its content.
 * @param executable as {@link buildExecutable} returns it; its file is moved
 */
export function assembleFiles(folder, { file, nodeLicence }) {
  rmSync(folder, { recursive: true, force: true })
  const write = (path, content) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content, { mode: 0o644 })
  }
  for (const name of ['usr/bin', 'etc/tetragon/tetragon.conf.d', 'etc/tetragon/tetragon.tp.d']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  const tetra = join(folder, 'usr/bin/tetra')
  renameSync(file, join(folder, 'usr/bin/tetragon'))
  symlinkSync('tetragon', tetra)
  for (const [name, value] of Object.entries(options)) {
    write(`usr/lib/tetragon/tetragon.conf.d/${name}`, `${value}\n`)
  }
  for (const [shell, path] of Object.entries(completions)) {
    write(path, outputOf(tetra, ['completion', shell]))
  }
  for (const [name, text] of manualPages()) {
    // Without a time: the same sources make the same package.
    write(`usr/share/man/man${name.at(-1)}/${name}.gz`, gzipSync(text, { level: 9 }))
  }
  cpSync(join(root, 'policies'), join(folder, policyLibrary), { recursive: true })
  mkdirSync(join(folder, 'usr/lib/systemd/system'), { recursive: true })
  const unit = 'usr/lib/systemd/system/tetragon.service'
  copyFileSync(join(root, 'deploy/systemd/tetragon.service'), join(folder, unit))
  const documents = 'usr/share/doc/tetragon-ts'
  writeLicences(join(folder, documents))
  copyFileSync(nodeLicence, join(folder, documents, 'nodejs'))
  const changes = readFileSync(join(root, 'CHANGELOG.md'))
  write(`${documents}/changelog.gz`, gzipSync(changes, { level: 9 }))
}

function outputOf(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args)
  if (status !== 0) throw new Error(`run ${program}: ${stderr}`)
  return stdout
}
