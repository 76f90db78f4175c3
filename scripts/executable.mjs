// `npm run executable`: builds, and writes one file to .cache/executable: tetragon and tetra, and
// Node.js inside; also compressed, and with bills of materials, checksums and signatures
// (docs/verify.md). `node scripts/executable.mjs` does it with what is built; `fast` does not
// compress. docs/design/executable.md has the reasons.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { nodeComponent, npmComponent } from './bill/components.mjs'
import { describeArtefacts, digestOf } from './bill/describe-artefacts.mjs'
import { signingKey } from './bill/signatures.mjs'
import { addResource } from './executable/add-resource.mjs'
import { compileOptions, nodeOptions } from './executable/node-options.mjs'
import { requireBuild, version } from './programs.mjs'
import { root, runScript, SetupError } from './setup.mjs'

/** @throws SetupError if the program fails */
function run(program, args, cwd) {
  const { status, error, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (status === 0) return
  throw new SetupError(`make the executable: ${basename(program)}: ${error?.message ?? stderr}`)
}

/** Paths of all files below a folder, in order. */
function pathsBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).sort()
}

/** The configuration for Node.js. */
function configuration(paths) {
  const assets = paths.map((path) => [path, `files/${path}`])
  return {
    main: 'main.cjs',
    output: 'blob',
    disableExperimentalSEAWarning: true,
    // It would differ each time. The main script is small, and has V8's code for all others.
    useCodeCache: false,
    execArgv: nodeOptions,
    // NODE_OPTIONS has no effect.
    execArgvExtension: 'none',
    assets: Object.fromEntries(assets),
  }
}

await runScript(async () => {
  requireBuild()
  const key = signingKey()
  // They import what the build makes.
  const { nodeRelease } = await import('./node-release.mjs')
  const { launcher, writeFiles } = await import('./executable/files.mjs')
  const words = process.argv.slice(2)
  const folder = resolve(words.find((word) => word !== 'fast') ?? join(root, '.cache/executable'))
  const work = join(folder, 'work')
  const files = join(work, 'files')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(files, { recursive: true })
  const release = await nodeRelease()
  const node = join(release, 'bin/node')
  const packages = await writeFiles(files, join(release, 'LICENSE'))
  writeFileSync(join(work, 'main.cjs'), await launcher('main'))
  const compile = join(root, 'scripts/executable/compile.mjs')
  run(node, [...nodeOptions, ...compileOptions, compile, files])
  const paths = pathsBelow(files)
  writeFileSync(join(work, 'sea.json'), JSON.stringify(configuration(paths)))
  // If two builds differ, the first difference of this list names the file.
  const contents = [...paths.map((path) => join('files', path)), 'main.cjs']
  writeFileSync(join(folder, 'CONTENTS'), contents.map((path) => checksum(work, path)).join(''))
  run(node, [...nodeOptions, '--experimental-sea-config', 'sea.json'], work)
  const file = join(folder, `tetragon-ts-${version}-linux-${process.arch}`)
  const content = addResource(readFileSync(node), readFileSync(join(work, 'blob')))
  rmSync(file, { force: true })
  writeFileSync(file, content, { mode: 0o755 })
  rmSync(work, { recursive: true })
  const copies = []
  if (!words.includes('fast')) {
    // One thread: the result does not depend on the machine.
    run('xz', ['--keep', '--force', '--threads=1', '-6', file])
    copies.push(`${file}.xz`)
  }
  const components = [...packages.map(npmComponent), nodeComponent(release)]
  describeArtefacts(folder, [{ file, version, components, copies }], key)
  console.log([file, ...copies].join('\n'))
})

function checksum(folder, path) {
  return `${digestOf(join(folder, path))}  ${path}\n`
}
