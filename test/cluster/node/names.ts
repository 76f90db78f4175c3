/** Name of the cluster's only node. */
export const nodeName = 'test-node'
/** Address of the node, in a network namespace of its own. */
export const nodeAddress = '192.168.77.2'
/** Address of the control plane in the network of the node, if that is a virtual machine. */
export const gatewayAddress = '192.168.77.254'
/** Network interface of the control plane to such a node. */
export const gatewayLink = 'node0'
/** First address of services: that of the API. */
export const serviceAddress = '10.96.0.1'
export const serviceRange = '10.96.0.0/16'
export const podRange = '10.244.0.0/24'
/** Folder with the files of `clusterFiles` on the node. */
export const programFolder = '/opt/kubernetes'
/** Folder of the control plane on the node: certificates and kubeconfig files. */
export const configFolder = '/etc/kubernetes'
/** Socket of containerd. */
export const containerdSocket = '/run/containerd/containerd.sock'
/** NRI socket of containerd. */
export const nriSocket = '/run/nri/nri.sock'
