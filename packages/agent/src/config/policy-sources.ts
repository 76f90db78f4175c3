import { dirname, join, resolve } from 'node:path'
import type { Abilities } from '@tetragon-ts/policy'
import type { SourceOptions } from '../policies/sources/index.ts'
import type { Settings } from './families/index.ts'

/** Locations of policies, the folder for policies of clients, and the Kubernetes API. */
export function sourceOptions(settings: Settings, env: NodeJS.ProcessEnv): SourceOptions {
  const folder = settings['tracing-policy-dir']
  return {
    paths: [...settings['tracing-policy'], ...(folder === '' ? [] : [folder])],
    toleratesErrors: settings['tolerate-policy-errors'],
    grpcFolder: grpcFolder(settings),
    abilities: abilities(settings),
    kubernetes: kubernetesOptions(settings, env),
  }
}

function kubernetesOptions(
  settings: Settings,
  env: NodeJS.ProcessEnv,
): SourceOptions['kubernetes'] {
  if (!settings['enable-k8s-api'] || !settings['enable-tracing-policy-crd']) return undefined
  return {
    kubeconfig: settings['k8s-kubeconfig-path'],
    savedPath: resolve(dirname(settings['pid-file']), 'k8s-policies.json'),
    pod: env.POD_NAME && env.POD_UID ? { name: env.POD_NAME, uid: env.POD_UID } : undefined,
  }
}

/** Options that policies may require. */
export function abilities(settings: Settings): Abilities {
  return { kubernetes: settings['enable-k8s-api'], policyFilter: settings['enable-policy-filter'] }
}

/** Undefined without a server: then clients cannot add policies. */
function grpcFolder(settings: Settings): string | undefined {
  if (!settings['persist-grpc-policies'] || settings['server-address'] === 'none') return undefined
  const folder = settings['persist-grpc-policies-dir']
  return resolve(folder || join(dirname(settings['pid-file']), 'grpc-policies'))
}
