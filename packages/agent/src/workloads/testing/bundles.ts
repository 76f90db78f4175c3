import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Annotations of containerd for a container of the pod xwing. */
export const xwing = {
  'io.kubernetes.cri.container-name': 'spaceship',
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.image-name': 'quay.io/cilium/alpine-curl:v1.5.0',
  'io.kubernetes.cri.sandbox-name': 'xwing',
  'io.kubernetes.cri.sandbox-namespace': 'default',
  'io.kubernetes.cri.sandbox-uid': '3b8f6c5e-0000-4000-8000-000000000001',
}

/** The same for the sandbox of the pod. */
export const xwingSandbox = { ...xwing, 'io.kubernetes.cri.container-type': 'sandbox' }

/** Folder of bundles of containerd, below the root of a host. */
export const bundlesOfContainerd = 'run/containerd/io.containerd.runtime.v2.task/k8s.io'

/**
 * Writes a bundle's configuration below a folder.
 * @param more members of the configuration besides the annotations
 * @returns a function that removes the bundle
 */
export function writeBundle(
  folder: string,
  id: string,
  annotations: object,
  more: object = {},
): () => void {
  const path = join(folder, id, 'config.json')
  const text = JSON.stringify({ ociVersion: '1.0.2', annotations, ...more })
  for (;;) {
    const made = mkdirSync(dirname(path), { recursive: true }) ?? dirname(path)
    try {
      writeFileSync(path, text)
      return () => removeBundle(dirname(path), made)
    } catch (error) {
      // Another test has removed the folder above, which was empty.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

/** Removes a bundle, and the folders above it that were made for it, unless others use them. */
function removeBundle(bundle: string, made: string): void {
  rmSync(bundle, { recursive: true, force: true })
  for (let folder = bundle; folder !== made; ) {
    folder = dirname(folder)
    try {
      rmdirSync(folder)
    } catch {
      return
    }
  }
}
