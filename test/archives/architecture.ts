const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Name of this machine's architecture in Debian and in OCI images. */
export function architecture(): string {
  const found = architectures[process.arch]
  if (found === undefined) throw new Error(`find packages: none for ${process.arch}`)
  return found
}
