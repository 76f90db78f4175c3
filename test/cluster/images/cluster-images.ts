import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOrThrow, writeOciArchive } from '@tetragon-ts/test/archives'

/** The image of a pod's sandbox. */
export const pauseImage = 'registry.k8s.io/pause:3.2'
/** The image of the tests' own pods: busybox with all its commands. */
export const demoImage = 'demo.example/busybox:1'

/**
 * Makes the images of the cluster and of its tests.
 * @param sources the tree of Kubernetes, and the folder with unpacked Debian packages
 * @param work folder for their files
 * @param folder folder for the archives
 */
export async function makeClusterImages(
  sources: { readonly kubernetes: string; readonly packages: string },
  work: string,
  folder: string,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await makePause(sources.kubernetes, join(work, 'pause'), join(folder, 'pause.tar'))
  await makeDemo(sources.packages, join(work, 'demo'), join(folder, 'demo.tar'))
}

async function makePause(kubernetes: string, root: string, file: string): Promise<void> {
  await mkdir(root, { recursive: true })
  const source = join(kubernetes, 'build/pause/linux/pause.c')
  const flags = ['-Os', '-static', '-s', '-DVERSION=3.2']
  await runOrThrow('cc', [...flags, '-o', join(root, 'pause'), source])
  await writeOciArchive(pauseImage, root, { Entrypoint: ['/pause'] }, file)
}

async function makeDemo(packages: string, root: string, file: string): Promise<void> {
  const busybox = join(packages, 'usr/bin/busybox')
  for (const name of ['bin', 'etc', 'tmp', 'root']) {
    await mkdir(join(root, name), { recursive: true })
  }
  await copyFile(busybox, join(root, 'bin/busybox'))
  for (const name of (await runOrThrow(busybox, ['--list'])).trim().split('\n')) {
    if (name !== 'busybox') await symlink('busybox', join(root, 'bin', name))
  }
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n')
  const process = { Cmd: ['/bin/sh'], Env: ['PATH=/bin'] }
  await writeOciArchive(demoImage, root, process, file)
}
