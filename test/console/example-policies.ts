/** A policy that refuses to open a file, by a means that every machine has. */
export function forbid(name: string, path: string, mode: 'enforce' | 'monitor'): string {
  return `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: ${name}}
spec:
  options:
  - {name: override-method, value: fanotify}
  - {name: policy-mode, value: ${mode}}
  kprobes:
  - call: security_file_open
    syscall: false
    args: [{index: 0, type: file}]
    selectors:
    - matchArgs: [{index: 0, operator: Equal, values: ["${path}"]}]
      matchActions: [{action: Override, argError: -1}]
`
}

/** A policy that posts at most one event a minute. */
export const limited = `apiVersion: cilium.io/v1alpha1
kind: TracingPolicy
metadata: {name: limited}
spec:
  tracepoints:
  - subsystem: sched
    event: sched_process_exec
    selectors:
    - matchActions: [{action: Post, rateLimit: 1m, rateLimitScope: global}]
`
