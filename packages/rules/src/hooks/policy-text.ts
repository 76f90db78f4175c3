import { writeYaml } from '@tetragon-ts/policy/yaml'
import { type KernelHookName, kernelHook } from '../log-sources/kernel-hook.ts'
import type { KernelTest } from '../log-sources/kernel-test.ts'
import type { KernelFilter } from './kernel-filter.ts'

/** The text of a policy with one hook, whose events are exported only with findings. */
export function policyText(name: string, hook: KernelHookName, filter: KernelFilter): string {
  const { args, isNewer, path, returns } = kernelHook(hook)
  const place =
    path === undefined
      ? { call: hook, syscall: hook.startsWith('sys_') }
      : { path, symbols: [hook] }
  const isFiltered = filter.every((conjunction) => conjunction.length > 0)
  const entry = {
    ...place,
    ...(isNewer ? { ignore: { callNotFound: true } } : {}),
    ...(args.length > 0 ? { args } : {}),
    ...(returns === undefined ? {} : { return: true, returnArg: { index: 0, type: returns } }),
    ...(isFiltered
      ? { selectors: filter.map((tests) => ({ matchArgs: tests.map(written) })) }
      : {}),
  }
  const policy = {
    apiVersion: 'cilium.io/v1alpha1',
    kind: 'TracingPolicy',
    metadata: { name },
    spec: {
      options: [{ name: 'export', value: 'findings' }],
      [path === undefined ? 'kprobes' : 'uprobes']: [entry],
    },
  }
  return writeYaml(policy, { aliasDuplicateObjects: false })
}

function written({ argument, operator, values }: KernelTest) {
  return { args: [argument], operator, values }
}
