import type { Int } from '@tetragon-ts/ebpf/lang'
import { Sock } from '@tetragon-ts/sensors/kernel/sock'
import { asPointer, type Raw } from '../../hook/hit.ts'
import { atTracepoint } from './at-tracepoint.ts'
import type { Equivalent } from './equivalent.ts'

const IPPROTO_TCP = 6

/** tcp_sendmsg(sk, msg, size): the tracepoint at the end of sending on any socket. */
export const tcpSendmsg: Equivalent = {
  functions: ['tcp_sendmsg'],
  prototype: 'tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)',
  location: 'the tracepoint sock_send_length (Linux 6.3)',
  difference:
    'seen after the data was queued; the size is the number of queued bytes, the message itself is ' +
    'unavailable; failed sends are not seen',
  plan: (_, kernel) =>
    atTracepoint('sock_send_length', kernel, [0, 2], (k, args) => {
      const [sock, sent] = args as [Raw, Int]
      k.when(asPointer(k, sock, Sock).sk_protocol.ne(IPPROTO_TCP), k.exit)
      k.when(sent.signed(32).signedLt(0), k.exit)
      return [sock, undefined, sent]
    }),
}
