/** Who makes a call, as the kernel or the certificate proves it. */
export type Client =
  | {
      readonly kind: 'socket'
      readonly uid: number
      readonly gid: number
      /** Supplementary groups. */
      readonly groups: readonly number[]
      /** 0 if the process is in a pid namespace that the agent cannot see. */
      readonly pid: number
    }
  | {
      readonly kind: 'certificate'
      /** Undefined if the certificate has none, or several. */
      readonly commonName: string | undefined
      readonly organizations: readonly string[]
      readonly serial: string
      readonly address: string
    }
  | { readonly kind: 'anonymous'; readonly address: string }

/** Field values longer than this are cut in the log. */
const longestName = 128

/** Text for messages; names of certificates are quoted, since their owners choose them. */
export function describeClient(client: Client): string {
  switch (client.kind) {
    case 'socket':
      return `uid ${client.uid}${client.pid === 0 ? '' : ` (process ${client.pid})`}`
    case 'certificate': {
      const { commonName, organizations, serial, address } = client
      const names = [
        ...(commonName === undefined ? [] : [`cn=${quote(commonName)}`]),
        ...organizations.slice(0, 4).map((each) => `o=${quote(each)}`),
      ]
      return `certificate ${names.join(' ') || serial} (${address})`
    }
    case 'anonymous':
      return `client without a certificate (${client.address})`
  }
}

function quote(name: string): string {
  return JSON.stringify(name.length > longestName ? `${name.slice(0, longestName)}…` : name)
}
