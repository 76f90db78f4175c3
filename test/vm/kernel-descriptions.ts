import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '@tetragon-ts/test/archives'
import { kernelImages } from './kernel-image.ts'
import { matrixKernels } from './kernels.ts'
import { repositoryRoot, sharedCachePath } from './repository.ts'
import { runInVm } from './virtual-machine.ts'
import { makeWorkFolder } from './work-folder.ts'

/** The kernels with descriptions: those of the matrix, and that of this machine. */
export const describedNames: readonly string[] = [...matrixKernels.map(({ name }) => name), 'host']

/** Modules that decide what a description has, of `packages`. */
const describing: readonly string[] = [
  ...['answer', 'attach-probes', 'helper-probes', 'host-probes', 'map-probes', 'probe'].map(
    (name) => `ebpf/dist/features/${name}.js`,
  ),
  ...['describe-kernel', 'running-kernel', 'return-distance'].map(
    (name) => `compiler/dist/running-kernel/${name}.js`,
  ),
  ...['container', 'description', 'facts', 'function-list'].map(
    (name) => `compiler/dist/kernel-description/${name}.js`,
  ),
]

/**
 * The folder of descriptions that this build makes: a change of what describes kernels makes all of
 * them again.
 */
function descriptionFolder(): string {
  const hash = createHash('sha256')
  for (const path of describing) hash.update(readFileSync(join(repositoryRoot, 'packages', path)))
  return sharedCachePath('kernel-descriptions', hash.digest('hex').slice(0, 16))
}

/** Paths of the descriptions that exist, by name of the kernel. */
export function knownDescriptions(): ReadonlyMap<string, string> {
  const folder = descriptionFolder()
  const files = describedNames.flatMap((name) => {
    const found = releaseOf(name)
    return found === undefined ? [] : [[name, join(folder, fileOf(name, found))] as const]
  })
  return new Map(files.filter(([, path]) => existsSync(path)))
}

const fileOf = (name: string, version: string) => `${name}-${version}.kernel`

/** The release of a kernel; undefined if it has not been downloaded. */
function releaseOf(name: string): string | undefined {
  if (name === 'host') return release()
  try {
    const text = readFileSync(sharedCachePath('kernels', name, 'kernel.json'), 'utf8')
    return (JSON.parse(text) as { readonly release: string }).release
  } catch {
    return undefined
  }
}

/**
 * Describes kernels that have no description yet: this machine's here, the others in virtual
 * machines, which take about ten seconds each. Needs root and the packages of `npm run setup vm`.
 * @returns problems by name of the kernel
 */
export async function describeKernels(
  names: readonly string[],
  print: (line: string) => void,
): Promise<ReadonlyMap<string, Error>> {
  const known = knownDescriptions()
  const missing = names.filter((name) => !known.has(name))
  const problems = new Map<string, Error>()
  if (missing.length === 0) return problems
  const target = descriptionFolder()
  await mkdir(target, { recursive: true })
  const images = await kernelImages(missing.filter((name) => name !== 'host'))
  const work = await makeWorkFolder(sharedCachePath('kernel-descriptions'), 'describe')
  try {
    for (const name of missing) {
      const started = performance.now()
      try {
        const image = images.get(name)
        if (image instanceof Error) throw image
        const file = fileOf(name, image?.release ?? release())
        await describeInto(join(work, file), name, work)
        await rename(join(work, file), join(target, file))
        print(`described kernel ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
      } catch (error) {
        problems.set(name, error as Error)
      }
    }
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return problems
}

async function describeInto(file: string, name: string, work: string): Promise<void> {
  const agent = join(repositoryRoot, 'packages/agent/bin/tetragon.js')
  const command = [process.execPath, agent, 'kernel', 'describe', '-o', file] as const
  const [program, ...args] = command
  const { exitCode, output } =
    name === 'host'
      ? await runProgram(program, args).then((it) => ({ ...it, output: it.stderr }))
      : await runInVm({ kernel: name, command, writable: [work], cpus: 1 })
  if (exitCode !== 0) throw new Error(`describe kernel ${name}: ${output.trim()}`)
}
