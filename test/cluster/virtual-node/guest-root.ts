import { copyFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeKubeconfig } from '../control-plane/kubeconfig.ts'
import { configFolder, firstNode, serviceAddress } from '../node/names.ts'
import { makeNodeRoot } from '../node/node-root.ts'
import { addNodeFiles, baseSpec } from '../walk-through/node-files.ts'

/** What the kubelet needs of the certificates. */
const certificates = ['ca.crt', 'kubelet-server.crt', 'kubelet-server.key']

/**
 * Makes the root folder of a virtual node.
 * @param controlPlane root folder of the control plane, with its certificates
 * @param programs folder with the programs of the cluster
 * @param tetra folder with the bundled tetra
 */
export async function makeGuestRoot(
  root: string,
  controlPlane: string,
  cgroup: string,
  programs: string,
  tetra: string,
): Promise<void> {
  // The default of the kubelet: each report takes seconds there.
  await makeNodeRoot(root, firstNode, `/${cgroup}`, baseSpec, '10s')
  await addNodeFiles(root, programs, tetra)
  const pki = join(configFolder, 'pki')
  await mkdir(join(root, pki))
  for (const name of certificates) {
    await copyFile(join(controlPlane, pki, name), join(root, pki, name))
  }
  const file = join(root, configFolder, 'kubelet.conf')
  await writeKubeconfig(join(controlPlane, pki), 'kubelet', file, serviceAddress)
}
