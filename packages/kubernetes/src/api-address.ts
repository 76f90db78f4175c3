/** Options of a TLS connection to an API server. */
export interface ClusterTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly servername?: string | undefined
  readonly rejectUnauthorized?: boolean
}

/** Address and credentials of an API server. Files are read again each time: they are rotated. */
export interface ClusterAddress {
  readonly url: URL
  /** Gets new credentials if the current ones have expired; to be awaited before the others. */
  renew?(): Promise<void>
  /** The API server refused the credentials (401). */
  refused?(): void
  /** @throws Error of the file system */
  tls(): ClusterTls
  /** Value of the header `authorization`. @throws Error of the file system */
  authorization(): string | undefined
  /** Namespace of the own pod, or of the context of a kubeconfig file. */
  readonly namespace?: string | undefined
}

/** Value of the header `authorization` for a token. */
export function bearer(token: string): string {
  return `Bearer ${token.trim()}`
}
