interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (text: string) => string },
  ): { createScriptURL(text: string): string }
}

/**
 * Starts the worker: the page itself names its file, as it names that of this script. The server's
 * policy permits this name for addresses of scripts.
 */
export function startWorker(): Worker {
  const address = document.querySelector<HTMLMetaElement>('meta[name=worker]')?.content ?? ''
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('tetra-console', { createScriptURL: () => address })
  return new Worker(policy?.createScriptURL(address) ?? address, { type: 'module' })
}
