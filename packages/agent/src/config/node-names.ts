import { hostname } from 'node:os'

/** The name of the node in events. */
export function nodeNameOfEvents(env: NodeJS.ProcessEnv): string {
  return env.HUBBLE_NODE_NAME || env.NODE_NAME || hostname()
}

/** The name of the node in the Kubernetes API. */
export function nodeNameOfApi(env: NodeJS.ProcessEnv): string {
  return env.NODE_NAME || env.HUBBLE_NODE_NAME || hostname()
}
