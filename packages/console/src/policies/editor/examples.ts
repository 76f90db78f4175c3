/** Some policies of the library: `npm run build` sets them. */
declare const libraryPolicies: readonly Example[]

/** A policy to start from. */
export interface Example {
  /** As in the library: `network/tcp-connections`. */
  readonly name: string
  readonly text: string
}

/** The policy that a new text starts with. */
export const newPolicy = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata:
  name: new-policy
spec:
  kprobes:
    - call: tcp_connect
      syscall: false
      args:
        - index: 0
          type: sock
`

/** Policies of the library, each with the reason for what it does. */
export function examples(): readonly Example[] {
  return libraryPolicies
}
