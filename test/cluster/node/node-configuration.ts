import { pauseImage } from '../images/cluster-images.ts'
import {
  configFolder,
  containerdSocket,
  type NodeIdentity,
  nriSocket,
  programFolder,
} from './names.ts'

const pki = (name: string) => `${configFolder}/pki/${name}`

/**
 * `config.toml` of containerd.
 * @param baseSpec path of the specification that containers start from; empty for the default
 */
export const containerdConfiguration = (baseSpec: string) => `version = 2
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${pauseImage}"
  disable_apparmor = true
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
  base_runtime_spec = "${baseSpec}"
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "${programFolder}/cni"
  conf_dir = "/etc/cni/net.d"
[plugins."io.containerd.nri.v1.nri"]
  disable = false
  socket_path = "${nriSocket}"
`

/** The network of pods: a bridge; without address translation, because it has no route outside. */
export const networkConfiguration = ({ podRange }: NodeIdentity) => ({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      ipMasq: false,
      ipam: {
        type: 'host-local',
        ranges: [[{ subnet: podRange }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
  ],
})

/**
 * Configuration of the kubelet.
 * @param cgroupRoot the parent of control groups of pods
 * @param statusFrequency how often it reports the state of the node; with the default of the tests
 *   the node is ready nine seconds earlier than with that of the kubelet, 10 s
 */
export function kubeletConfiguration(
  { address }: NodeIdentity,
  cgroupRoot: string,
  statusFrequency = '1s',
) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: pki('kubelet-server.crt'),
    tlsPrivateKeyFile: pki('kubelet-server.key'),
    cgroupDriver: 'cgroupfs',
    cgroupRoot,
    failSwapOn: false,
    // The machine may have no iptables.
    makeIPTablesUtilChains: false,
    hairpinMode: 'none',
    nodeStatusUpdateFrequency: statusFrequency,
    resolvConf: '',
    volumePluginDir: '/var/lib/kubelet/volumeplugins',
    evictionHard: {
      'memory.available': '50Mi',
      'nodefs.available': '1%',
      'imagefs.available': '1%',
    },
  }
}
