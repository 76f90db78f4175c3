import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NodeIdentity } from './names.ts'
import {
  containerdConfiguration,
  kubeletConfiguration,
  networkConfiguration,
} from './node-configuration.ts'

/** Mount points of the script of the namespaces, and folders that programs expect. */
const folders = [
  ...['usr', 'proc', 'procHost', 'sys', 'dev', 'opt/kubernetes', 'run', 'tmp', 'root', 'oldroot'],
  ...['etc/kubernetes', 'etc/containerd', 'etc/cni/net.d', 'etc/ssl'],
  ...['var/log', 'var/lib/kubelet', 'var/lib/cni', 'var/lib/etcd', 'var/lib/containerd'],
]

/**
 * Makes the root folder of the node: its configuration, writable folders, and mount points for the
 * machine's programs and devices. The machine's own folders are not changed.
 * @param node whose root it is
 * @param cgroupRoot path of the node's control group
 * @param baseSpec path on the node of the specification that containers start from
 * @param statusFrequency of the kubelet
 */
export async function makeNodeRoot(
  root: string,
  node: NodeIdentity,
  cgroupRoot: string,
  baseSpec = '',
  statusFrequency?: string,
): Promise<void> {
  const kubelet = kubeletConfiguration(node, cgroupRoot, statusFrequency)
  for (const folder of folders) await mkdir(join(root, folder), { recursive: true })
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, join(root, name))
  await symlink('../run', join(root, 'var/run'))
  const files = {
    'etc/hosts': `127.0.0.1 localhost\n${node.address} ${node.name}\n`,
    'etc/resolv.conf': '',
    'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
    'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
    'etc/group': 'root:x:0:\n',
    'etc/machine-id': '0123456789abcdef0123456789abcdef\n',
    'etc/containerd/config.toml': containerdConfiguration(baseSpec),
    'etc/cni/net.d/10-pods.conflist': JSON.stringify(networkConfiguration(node), undefined, 2),
    'etc/kubernetes/kubelet.json': JSON.stringify(kubelet, undefined, 2),
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
}
