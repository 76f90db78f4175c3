import { configFolder, firstNode, podRange, programFolder, serviceRange } from '../node/names.ts'

const pki = (name: string) => `${configFolder}/pki/${name}`
const kubeconfig = (user: string) => `--kubeconfig=${configFolder}/${user}.conf`
const program = (name: string) => `${programFolder}/bin/${name}`
const etcdAddress = 'http://127.0.0.1:2379'
const issuer = 'https://kubernetes.default.svc'

/** A program of the control plane with its arguments. */
export type Command = readonly [program: string, ...args: string[]]

/** Without fsync: nothing is needed after a restart. */
export const etcd: Command = [
  program('etcd'),
  '--data-dir=/var/lib/etcd',
  '--unsafe-no-fsync',
  `--listen-client-urls=${etcdAddress}`,
  `--advertise-client-urls=${etcdAddress}`,
  '--listen-peer-urls=http://127.0.0.1:2380',
  '--logger=zap',
  '--log-level=warn',
]

/**
 * Address and port of its service are an address of the node and its own port: pods reach it
 * without kube-proxy.
 */
export const apiserver: Command = [
  program('kube-apiserver'),
  `--etcd-servers=${etcdAddress}`,
  `--advertise-address=${firstNode.address}`,
  '--secure-port=443',
  '--insecure-port=0',
  '--allow-privileged=true',
  '--authorization-mode=Node,RBAC',
  '--enable-admission-plugins=NodeRestriction',
  `--service-cluster-ip-range=${serviceRange}`,
  `--client-ca-file=${pki('ca.crt')}`,
  `--tls-cert-file=${pki('apiserver.crt')}`,
  `--tls-private-key-file=${pki('apiserver.key')}`,
  `--service-account-issuer=${issuer}`,
  `--service-account-key-file=${pki('sa.pub')}`,
  `--service-account-signing-key-file=${pki('sa.key')}`,
  `--kubelet-certificate-authority=${pki('ca.crt')}`,
  `--kubelet-client-certificate=${pki('apiserver-kubelet.crt')}`,
  `--kubelet-client-key=${pki('apiserver-kubelet.key')}`,
  // Without names of nodes in DNS, logs and exec would fail.
  '--kubelet-preferred-address-types=InternalIP,Hostname',
  `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
  '--requestheader-allowed-names=front-proxy-client',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-username-headers=X-Remote-User',
  `--proxy-client-cert-file=${pki('front-proxy-client.crt')}`,
  `--proxy-client-key-file=${pki('front-proxy-client.key')}`,
  '--enable-aggregator-routing=true',
]

/** @param graceSeconds how long a node may be silent */
export const controllerManager = (graceSeconds: number): Command => [
  program('kube-controller-manager'),
  kubeconfig('controller-manager'),
  '--leader-elect=false',
  '--port=0',
  '--use-service-account-credentials=true',
  `--node-monitor-grace-period=${graceSeconds}s`,
  `--cluster-cidr=${podRange}`,
  `--cluster-signing-cert-file=${pki('ca.crt')}`,
  `--cluster-signing-key-file=${pki('ca.key')}`,
  `--root-ca-file=${pki('ca.crt')}`,
  `--service-account-private-key-file=${pki('sa.key')}`,
  // The default folder is below /usr, which is read-only on the node.
  '--flex-volume-plugin-dir=/var/lib/kubelet/volumeplugins',
]

export const scheduler: Command = [
  program('kube-scheduler'),
  kubeconfig('scheduler'),
  '--leader-elect=false',
  '--port=0',
]
