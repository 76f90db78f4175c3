import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { workload } from '@tetragon-ts/test/workloads'
import { type Attacked, type Hit, hitOf } from './attack.ts'

/** What the workload `packets` sends; its sources describe it. */
export type Sender =
  | ('message' | 'mapped' | 'large' | 'segments' | 'connection' | 'connected' | 'established')
  | (
      | 'echo'
      | 'ping'
      | 'header'
      | 'other-route'
      | 'wrong-version'
      | 'no-version'
      | 'frame'
      | 'paged'
    )
  | ('routed-over' | 'routed-to' | 'segments-over' | 'segments-to')

/** What the workload has seen. */
export interface Tally {
  readonly attempts: number
  /** Attempts that failed, by error number. */
  readonly refused: Readonly<Record<string, number>>
  /** Packets that left by lo, or that arrived at the other end of a pair of devices. */
  readonly left: number
  /** Messages and connections that arrived. */
  readonly received: number
}

/** The addresses that policies of tests forbid; other addresses of this host are allowed. */
export const forbidden = { 4: '127.0.0.77', 6: 'fd00::77' } as const
export const allowed = { 4: '127.0.0.1', 6: 'fd00::1' } as const

/**
 * Runs a program in a network namespace with a pair of devices, the end of which is counted. There
 * is no DAD, which would take a second.
 */
const pair = `exec unshare -n /bin/sh -ec '
ip link set lo up
ip link add name veth0 type veth peer name veth1 address 02:00:00:00:00:02
sysctl -q net.ipv6.conf.veth0.accept_dad=0
ip addr add 192.0.2.1/24 dev veth0
ip addr add 2001:db8::1/64 dev veth0 nodad
ip link set veth0 up
ip link set veth1 up
for to in 192.0.2.2 2001:db8::2; do
  ip neigh add $to lladdr 02:00:00:00:00:02 dev veth0
done
exec "$0" "$@"' "$0" "$@"`

/** Packets of a process in a network namespace of its own. */
export class Packets {
  readonly #attacked: Attacked
  readonly #program: string

  static async of(attacked: Attacked): Promise<Packets> {
    return new Packets(attacked, await workload('packets'))
  }

  private constructor(attacked: Attacked, program: string) {
    this.#attacked = attacked
    this.#program = program
  }

  /**
   * Sends.
   * @param between runs when everything is prepared, before the first packet
   * @returns what was seen, and the policy events since `between`
   */
  async send(
    sender: Sender,
    count: number,
    version: 4 | 6,
    { to = forbidden[version] as string, device = 'lo', between = async () => {} } = {},
  ): Promise<{ readonly tally: Tally; readonly events: readonly Hit[]; readonly pid: number }> {
    const { run } = this.#attacked
    const words = [this.#program, sender, String(count), to, allowed[version], device]
    const [program, ...args] = device === 'lo' ? words : ['/bin/sh', '-c', pair, ...words]
    const started = run.spawn(program, args)
    const isReady = () => started.output.includes('\n')
    while (!isReady() && started.child.exitCode === null) await sleep(1)
    assert.ok(isReady(), `${sender}: ${started.output}`)
    try {
      await between()
    } catch (error) {
      started.child.kill()
      throw error
    }
    started.child.stdin?.end('start\n')
    await this.#attacked.written(started)
    assert.equal(await started.ended, 0, `${sender}: ${started.output}`)
    const [, last] = started.output.trim().split('\n')
    await run.waitForRefusals()
    const events = run.events.slice(started.since).flatMap((event) => hitOf(event) ?? [])
    return { tally: JSON.parse(last) as Tally, events, pid: started.pid }
  }
}
