import type { Command } from '../control-plane/components.ts'
import { configFolder, containerdSocket, type NodeIdentity, programFolder } from './names.ts'

/** The container runtime of the node. */
export const containerd: Command = [`${programFolder}/bin/containerd`]
/** The program of Kubernetes that runs pods on the node. */
export const kubelet = ({ name, address }: NodeIdentity): Command => [
  `${programFolder}/bin/kubelet`,
  '--config=/etc/kubernetes/kubelet.json',
  `--kubeconfig=${configFolder}/kubelet.conf`,
  '--container-runtime=remote',
  `--container-runtime-endpoint=unix://${containerdSocket}`,
  `--hostname-override=${name}`,
  `--node-ip=${address}`,
]
