import { dirname, join, resolve } from 'node:path'
import type { SourceOptions } from '../policies/sources/index.ts'
import type { Settings } from './families/index.ts'

/** Locations of policies, and the folder for policies of clients. */
export function sourceOptions(settings: Settings): SourceOptions {
  const folder = settings['tracing-policy-dir']
  return {
    paths: [...settings['tracing-policy'], ...(folder === '' ? [] : [folder])],
    grpcFolder: grpcFolder(settings),
  }
}

/** Undefined without a server: then clients cannot add policies. */
function grpcFolder(settings: Settings): string | undefined {
  if (!settings['persist-grpc-policies'] || settings['server-address'] === 'none') return undefined
  const folder = settings['persist-grpc-policies-dir']
  return resolve(folder || join(dirname(settings['pid-file']), 'grpc-policies'))
}
