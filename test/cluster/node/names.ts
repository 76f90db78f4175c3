/** Name and addresses of a node. */
export interface NodeIdentity {
  readonly name: string
  /** Its address, in a network namespace of its own. */
  readonly address: string
  /** Addresses of its pods. */
  readonly podRange: string
}

/** The node that every cluster has; beside it is the control plane. */
export const firstNode: NodeIdentity = {
  name: 'test-node',
  address: '192.168.77.2',
  podRange: '10.244.0.0/24',
}
/** The node that a test can add. */
export const secondNode: NodeIdentity = {
  name: 'test-node-2',
  address: '192.168.77.3',
  podRange: '10.244.1.0/24',
}
/** Addresses of all pods. */
export const podRange = '10.244.0.0/16'
/** Address of the control plane in the network of the node, if that is a virtual machine. */
export const gatewayAddress = '192.168.77.254'
/** Network interface of the control plane to such a node. */
export const gatewayLink = 'node0'
/** Network interfaces between the first node and a second one: on each of them. */
export const secondLinks = { first: 'second0', second: 'node0' } as const
/** First address of services: that of the API. */
export const serviceAddress = '10.96.0.1'
export const serviceRange = '10.96.0.0/16'
/** Folder with the files of `clusterFiles` on the node. */
export const programFolder = '/opt/kubernetes'
/** Folder of the control plane on the node: certificates and kubeconfig files. */
export const configFolder = '/etc/kubernetes'
/** Socket of containerd. */
export const containerdSocket = '/run/containerd/containerd.sock'
/** NRI socket of containerd. */
export const nriSocket = '/run/nri/nri.sock'
