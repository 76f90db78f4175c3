// `npm run build:kernel`: builds the kernel for tests of what no kernel of Debian can do, from
// Debian's sources, and puts it to the others in the shared cache. Takes ten minutes on two
// processors; needs network access to Debian's archive.

import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { DebianArchive, runOrThrow } from '@tetragon-ts/test/archives'
import { bootModules, spareModule } from '../kernel-image.ts'
import { builtKernel, hostArchitecture, matrixKernels } from '../kernels.ts'
import { repositoryRoot, sharedCachePath } from '../repository.ts'
import { makeWorkFolder } from '../work-folder.ts'

const { name, base, source } = builtKernel
const configuration = join(repositoryRoot, 'test/vm/build/override.config')

/** Downloads and unpacks the sources. @returns their folder, and Debian's version */
async function fetchSource(work: string): Promise<{ tree: string; version: string }> {
  const suites = matrixKernels.filter((kernel) => kernel.name === base)
  const { archive, problems } = await DebianArchive.open(join(work, 'apt'), suites)
  if (problems.length > 0) throw new Error(`fetch ${source}: ${problems.join('; ')}`)
  const [file] = await archive.unpack([source], join(work, 'package'))
  const version = basename(file!).split('_')[1]!
  await mkdir(join(work, 'source'))
  const archived = join(work, 'package/usr/src', `${source}.tar.xz`)
  await runOrThrow('tar', ['-xf', archived, '-C', join(work, 'source'), '--strip-components=1'])
  return { tree: join(work, 'source'), version }
}

/** @throws Error if an option has not the wanted value, because it needs others */
async function configure(tree: string): Promise<void> {
  await runOrThrow('make', ['allnoconfig', `KCONFIG_ALLCONFIG=${configuration}`], { cwd: tree })
  const effective = new Set((await readFile(join(tree, '.config'), 'utf8')).split('\n'))
  const wanted = (await readFile(configuration, 'utf8')).split('\n')
  const lacking = wanted.filter((line) => /=[^n]/.test(line) && !effective.has(line))
  if (lacking.length > 0) throw new Error(`configure kernel: no effect: ${lacking.join(', ')}`)
}

async function build(): Promise<void> {
  if (hostArchitecture().debian !== 'amd64') throw new Error('build kernel: only on x86-64')
  const work = await makeWorkFolder(sharedCachePath('kernels'), 'build')
  try {
    console.log(`kernel: download ${source}`)
    const { tree, version } = await fetchSource(work)
    console.log(`kernel: build ${version} with ${basename(configuration)}`)
    await configure(tree)
    const jobs = `-j${availableParallelism()}`
    await runOrThrow('make', [jobs, 'bzImage', 'modules'], { cwd: tree })
    const release = (await readFile(join(tree, 'include/config/kernel.release'), 'utf8')).trim()
    const ready = join(work, 'ready')
    await mkdir(ready)
    await copyFile(join(tree, 'arch/x86/boot/bzImage'), join(ready, 'vmlinuz'))
    const module = `${spareModule}.ko`
    await copyFile(join(tree, 'drivers/net', module), join(ready, module))
    const stored = { release, version, modules: [], boot: bootModules, spareModule: module }
    await writeFile(join(ready, 'kernel.json'), `${JSON.stringify(stored, null, 2)}\n`)
    await rm(sharedCachePath('kernels', name), { recursive: true, force: true })
    await rename(ready, sharedCachePath('kernels', name))
    console.log(`kernel: ${release} is ready: npm run test:vm -- ${name}`)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

await build()
