/** The name of the built file: `npm run build` sets it. */
declare const workerPath: string

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (text: string) => string },
  ): { createScriptURL(text: string): string }
}

/** Starts the worker. The server's policy permits this name for addresses of scripts. */
export function startWorker(): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes }
  const policy = trustedTypes?.createPolicy('tetra-console', { createScriptURL: () => workerPath })
  return new Worker(policy?.createScriptURL(workerPath) ?? workerPath)
}
