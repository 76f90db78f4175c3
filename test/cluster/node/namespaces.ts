import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import {
  firstNode,
  gatewayAddress,
  gatewayLink,
  type NodeIdentity,
  programFolder,
  secondNode,
  serviceAddress,
} from './names.ts'

/** Settings of the kernel that the kubelet requires (pkg/util/sysctl). */
export const machineSettings = [
  ['vm/overcommit_memory', 1],
  ['vm/panic_on_oom', 0],
  ['kernel/panic', 10],
  ['kernel/panic_on_oops', 1],
  ['kernel/keys/root_maxkeys', 1_000_000],
  ['kernel/keys/root_maxbytes', 25_000_000],
] as const

/**
 * Scripts that make a network. `whole`: that of a node with the control plane. `control-plane`:
 * that of a control plane with a link to a virtual machine. `card`: that of the virtual machine.
 * `alone`: that of a second node, which has no link yet. `second-card`: that of a virtual machine
 * that is a second node.
 */
const networks = {
  whole: `ip link set lo up
ip address add ${serviceAddress}/32 dev lo
ip link add node0 type veth peer name node1
ip address add ${firstNode.address}/24 dev node0
ip link set node0 up
ip link set node1 up
ip route add default via ${firstNode.address}`,
  'control-plane': `ip link set lo up
ip address add ${serviceAddress}/32 dev lo
ip tuntap add dev ${gatewayLink} mode tap
ip address add ${gatewayAddress}/24 dev ${gatewayLink}
ip link set ${gatewayLink} up
ip route add ${firstNode.podRange} via ${firstNode.address}
echo 1 > /proc/sys/net/ipv4/ip_forward`,
  card: `ip address add ${firstNode.address}/24 dev eth0
ip link set eth0 up
ip route add default via ${gatewayAddress}`,
  alone: 'ip link set lo up',
  'second-card': secondNetwork('eth0'),
} as const

/** The network of a second node. @param link its interface, to the first node */
export function secondNetwork(link: string): string {
  return `ip address add ${secondNode.address}/32 dev ${link}
ip link set ${link} up
ip route add ${firstNode.address} dev ${link}
ip route add default via ${firstNode.address} dev ${link} onlink`
}

/** A network: see `networks`. */
export type Network = keyof typeof networks

/**
 * Runs as the first process of the node. `wait` reaps orphaned processes.
 * $1 is the root folder of the node, $2 the folder with its programs.
 */
const script = (network: Network, { name }: NodeIdentity) => `set -e
${networks[network]}
mount --bind "$1" "$1"
cd "$1"
mount --rbind /usr usr
mount -o remount,bind,ro usr
mount --rbind /dev dev
mount --rbind /sys sys
# Programs that agents keep are those of one node.
mount -t bpf bpf sys/fs/bpf
mount --bind "$2" .${programFolder}
mount --bind /proc procHost
mount -t proc proc proc
# These belong to the whole machine. The kubelet writes them unless they have its values already.
while read -r file value; do
  echo "$value" > "sysctl-\${file##*/}"
  mount --bind "sysctl-\${file##*/}" "proc/sys/$file"
done <<END
${machineSettings.map((line) => line.join(' ')).join('\n')}
END
mount --make-rprivate .
echo ${name} > proc/sys/kernel/hostname
pivot_root . oldroot
umount -l /oldroot
rmdir /oldroot
mount --make-rshared /
echo ready
exec 1>&2
sleep infinity &
wait
`

/**
 * The namespaces of the node: network, mounts, processes, host name. They end with the process that
 * made them, even if it is killed.
 */
export class NodeNamespaces {
  readonly #child: ChildProcess
  /** The first process of the node, by its id on this machine. */
  readonly pid: number

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child
    this.pid = pid
  }

  /**
   * Makes them. @param root of the node; @param programs folder with its programs
   * @throws Error with the output of the script
   */
  static async make(
    root: string,
    programs: string,
    network: Network = 'whole',
    node = firstNode,
  ): Promise<NodeNamespaces> {
    // A virtual machine has its card in its only network.
    const own = network.endsWith('card') ? [] : ['--net']
    const unshare = ['unshare', ...own, '--mount', '--pid', '--uts', '--ipc', '--fork']
    const args = [
      '--kill-child',
      '--propagation',
      'private',
      'sh',
      '-c',
      script(network, node),
      'node',
      root,
      programs,
    ]
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...unshare, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk
    })
    const ended = once(child, 'close').then(() => {
      throw new Error(`make the node's namespaces: ${output.trim() || 'the script was killed'}`)
    })
    // Rejected if the program cannot be started, or ends without the line `ready`.
    await Promise.race([once(child.stdout, 'data'), ended])
    ended.catch(() => {})
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')
    return new NodeNamespaces(child, Number(children.trim()))
  }

  /** Ends every process on the node, and waits until they are gone. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    process.kill(this.pid, 'SIGKILL')
    await exited
  }
}

/** A command line that runs another one on the node. @param pid the first process of the node */
export function enterNode(
  pid: number,
  command: readonly string[],
): [program: string, ...args: string[]] {
  const kinds = ['--net', '--mount', '--pid', '--uts', '--ipc']
  return ['nsenter', '--target', String(pid), ...kinds, '--', ...command]
}

/** A command line that runs another one in the node's network, with the machine's files. */
export function enterNetwork(
  pid: number,
  command: readonly string[],
): [program: string, ...args: string[]] {
  return ['nsenter', '--target', String(pid), '--net', '--', ...command]
}
