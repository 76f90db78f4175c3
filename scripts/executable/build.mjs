// Makes the executable: tetragon and tetra, and Node.js inside. docs/design/executable.md has the
// reasons.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { nodeComponent, npmComponent } from '../bill/components.mjs'
import { digestOf } from '../bill/describe-artefacts.mjs'
import { nodeRelease } from '../node-release.mjs'
import { version } from '../programs.mjs'
import { root, SetupError } from '../setup.mjs'
import { addResource } from './add-resource.mjs'
import { launcher, writeFiles } from './files.mjs'
import { compileOptions, nodeOptions } from './node-options.mjs'

/**
 * Builds it in `folder`, with CONTENTS: if two builds differ, the first difference of this list
 * names the file.
 * @returns {Promise<{ file: string, components: object[], nodeLicence: string }>} its path, the
 *   components in it, and the path of the licence of Node.js
 * @throws SetupError if Node.js fails
 */
export async function buildExecutable(folder) {
  const work = join(folder, 'work')
  const files = join(work, 'files')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(files, { recursive: true })
  const release = await nodeRelease()
  const node = join(release, 'bin/node')
  const nodeLicence = join(release, 'LICENSE')
  const packages = await writeFiles(files, nodeLicence)
  writeFileSync(join(work, 'main.cjs'), await launcher('main'))
  const compile = join(root, 'scripts/executable/compile.mjs')
  run(node, [...nodeOptions, ...compileOptions, compile, files])
  const paths = pathsBelow(files)
  writeFileSync(join(work, 'sea.json'), JSON.stringify(configuration(paths)))
  const contents = [...paths.map((path) => join('files', path)), 'main.cjs']
  writeFileSync(join(folder, 'CONTENTS'), contents.map((path) => checksum(work, path)).join(''))
  run(node, [...nodeOptions, '--experimental-sea-config', 'sea.json'], work)
  const file = join(folder, `tetragon-ts-${version}-linux-${process.arch}`)
  const content = addResource(readFileSync(node), readFileSync(join(work, 'blob')))
  rmSync(file, { force: true })
  writeFileSync(file, content, { mode: 0o755 })
  rmSync(work, { recursive: true })
  const components = [...packages.map(npmComponent), nodeComponent(release)]
  return { file, components, nodeLicence }
}

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

function checksum(folder, path) {
  return `${digestOf(join(folder, path))}  ${path}\n`
}
