import type { Event, KprobeArgument } from '@tetragon-ts/api'

/** The file that an operation is about, `/etc/shadow`; both of a rename or a link: `/a → /b`. */
export function fileText({ key, body }: Event): string {
  if (key === 'process_loader') return body.path ?? ''
  return textsOf(body, ({ file_arg, path_arg, linux_binprm_arg }) => {
    return (file_arg ?? path_arg ?? linux_binprm_arg)?.path
  }).join(' → ')
}

/** The address that an operation is about, `10.0.0.7:4444`: the other end of a connection. */
export function addressText({ body }: Event): string {
  const [address = ''] = textsOf(body, ({ sock_arg, skb_arg, sockaddr_arg, sockaddrun_arg }) => {
    if (sockaddrun_arg !== undefined) return sockaddrun_arg.path
    if (sockaddr_arg !== undefined) return withPort(sockaddr_arg.addr, sockaddr_arg.port)
    const { daddr, dport } = sock_arg ?? skb_arg ?? {}
    return withPort(daddr, dport)
  })
  return address
}

/** Empty: it has neither, such as a socket that listens. */
function withPort(address = '', port = 0): string {
  if (address === '' || (port === 0 && /^[0.:]*$/.test(address))) return ''
  return `${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** The texts of those arguments that have one. */
function textsOf(
  body: Event['body'],
  textOf: (argument: KprobeArgument) => string | undefined,
): string[] {
  const args = ('args' in body ? body.args : undefined) ?? []
  return args.flatMap((each) => textOf(each) || [])
}
