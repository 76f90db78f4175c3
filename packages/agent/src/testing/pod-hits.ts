import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { FakeContainer } from '../workloads/testing/fake-container.ts'
import type { PodRun } from './pod-run.ts'

const fromNone = '- matchArgs: [{index: 0, operator: Prefix, values: ["/no-pod/"]}]'

/** A policy that posts each change to a folder below /no-pod. */
export function podPolicy(
  fields: string,
  { kind = 'TracingPolicy', namespace = '', selector = '', more = '' } = {},
): string {
  return `apiVersion: cilium.io/v1alpha1
kind: ${kind}
metadata:
  name: pods
${namespace && `  namespace: ${namespace}\n`}spec:
${fields.replace(/^/gm, '  ')}
  kprobes:
  - call: sys_chdir
    syscall: true
    args: [{index: 0, type: string}]
${more}
    selectors:
${(selector || fromNone).replace(/^/gm, '    ')}
`
}

/** Selects the pods of the web. */
export const webPods = 'podSelector: {matchLabels: {app: web}}'

/** A command that {@link podPolicy} posts. */
export const cd = (mark: string): string => `cd /no-pod/${mark} 2>/dev/null || :`

/** The path of a group in a container, for `makeGroup`. */
export function below({ group }: FakeContainer, ...path: string[]): string {
  return join(group.slice(group.indexOf('kubepods')), ...path)
}

/** The id of a control group. */
export function idOf(group: string): bigint {
  return statSync(group, { bigint: true }).ino
}

/** Paths of the events so far, of all processes that are not the test's. */
function posted({ run }: PodRun): string[] {
  return run.events.flatMap(({ key, body }) => {
    const { args = [] } = body as { args?: readonly { string_arg?: string }[] }
    return key === 'process_kprobe' ? [args[0]?.string_arg ?? ''] : []
  })
}

/** The paths that were posted since, after all records have been read. */
export async function postedBy(pods: PodRun, hit: () => void | Promise<void>): Promise<string[]> {
  const since = posted(pods).length
  await hit()
  await pods.run.finish(pods.run.spawn('/bin/true', []))
  return posted(pods).slice(since)
}
