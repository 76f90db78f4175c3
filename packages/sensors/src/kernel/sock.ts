import { type Elements, type Int, kernelStruct, type Ptr } from '@tetragon-ts/ebpf/lang'
import type { Cgroup } from './types.ts'

/** include/net/sock.h: struct sock_common, shared by all kinds of sockets. */
interface SockCommon {
  readonly skc_family: Int
  readonly skc_state: Int
  readonly skc_daddr: Int
  readonly skc_rcv_saddr: Int
  /** In network byte order. */
  readonly skc_dport: Int
  /** The local port in host byte order. */
  readonly skc_num: Int
  readonly skc_v6_daddr: Address6
  readonly skc_v6_rcv_saddr: Address6
  readonly skc_cookie: { readonly counter: Int }
}
interface Address6 {
  readonly in6_u: { readonly u6_addr32: Elements<Int> }
}

/** include/net/sock.h */
export interface Sock {
  readonly __sk_common: SockCommon
  readonly sk_type: Int
  readonly sk_protocol: Int
  readonly sk_mark: Int
  readonly sk_priority: Int
  readonly sk_socket: Int
  readonly sk_cgrp_data: { readonly cgroup: Ptr<Cgroup> }
}
export const Sock = kernelStruct<Sock>('sock')
