import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { mkdir, rename, rm, utimes } from 'node:fs/promises'
import { availableParallelism, release } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '@tetragon-ts/test/archives'
import { buildSync } from 'esbuild'
import { kernelImages } from './kernel-image.ts'
import { matrixKernels } from './kernels.ts'
import { repositoryRoot, sharedCachePath } from './repository.ts'
import { runInVm } from './virtual-machine.ts'
import { makeWorkFolder } from './work-folder.ts'

/** The kernels with descriptions: those of the matrix, and that of this machine. */
export const describedNames: readonly string[] = [...matrixKernels.map(({ name }) => name), 'host']

/** What decides the content of descriptions. */
const describing = join(repositoryRoot, 'packages/compiler/dist/running-kernel/describe-kernel.js')

const cache = () => sharedCachePath('kernel-descriptions')
const digestLength = 16
/** Folders that no build has used for this time are removed: other checkouts use some of them. */
const unusedMs = 14 * 24 * 3_600_000

let folder: string | undefined

/**
 * The folder of descriptions that this build makes: a change of what describes kernels makes all of
 * them again.
 */
function descriptionFolder(): string {
  folder ??= join(cache(), digestOfBundle(describing))
  return folder
}

/** Changes with the code of a module and of all that it uses. */
function digestOfBundle(entry: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    external: ['koffi'],
    write: false,
    logLevel: 'error',
  })
  const hash = createHash('sha256')
  for (const { contents } of outputFiles) hash.update(contents)
  return hash.digest('hex').slice(0, digestLength)
}

/** Removes descriptions of builds that are not used any more. @param used the folder in use */
export function removeUnused(all: string, used: string, now = Date.now()): void {
  for (const name of readdirSync(all)) {
    const path = join(all, name)
    if (path === used || !/^[0-9a-f]+$/.test(name) || name.length !== digestLength) continue
    if (now - statSync(path).mtimeMs > unusedMs) rmSync(path, { recursive: true, force: true })
  }
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
  const target = descriptionFolder()
  await mkdir(target, { recursive: true })
  await utimes(target, new Date(), new Date())
  removeUnused(cache(), target)
  const known = knownDescriptions()
  const missing = names.filter((name) => !known.has(name))
  const problems = new Map<string, Error>()
  if (missing.length === 0) return problems
  const images = await kernelImages(missing.filter((name) => name !== 'host'))
  const work = await makeWorkFolder(cache(), 'describe')
  try {
    const waiting = [...missing]
    const describeWaiting = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const started = performance.now()
        try {
          const image = images.get(name)
          if (image instanceof Error) throw image
          const file = fileOf(name, image?.release ?? release())
          await describeInto(join(work, file), name, work)
          await rename(join(work, file), join(target, file))
          const seconds = ((performance.now() - started) / 1000).toFixed(1)
          print(`described kernel ${name} in ${seconds} s`)
        } catch (error) {
          problems.set(name, error as Error)
        }
      }
    }
    // Each machine has one emulated processor.
    await Promise.all(Array.from({ length: availableParallelism() }, describeWaiting))
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
