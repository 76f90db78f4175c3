import { existsSync } from 'node:fs'

/** CRI sockets of container runtimes and of Kubernetes distributions, below the root. */
export const runtimeSockets = [
  'run/containerd/containerd.sock',
  'run/crio/crio.sock',
  'run/k3s/containerd/containerd.sock',
  'run/k0s/containerd.sock',
  'var/snap/microk8s/common/run/containerd.sock',
  'run/cri-dockerd.sock',
  'var/run/dockershim.sock',
] as const

/**
 * The address of an endpoint, with or without scheme. Without one: the first usual socket that
 * exists.
 * @param roots folders with the root of a host, the best one first
 * @returns undefined if there is no socket
 */
export function runtimeAddress(
  endpoint: string,
  roots: readonly string[] = [''],
): string | undefined {
  if (endpoint !== '') return endpoint.startsWith('/') ? `unix://${endpoint}` : endpoint
  const paths = roots.flatMap((root) => runtimeSockets.map((path) => `${root}/${path}`))
  const found = paths.find((path) => existsSync(path))
  return found && `unix://${found}`
}
