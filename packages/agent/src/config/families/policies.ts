import { defaultPolicyFolder } from '../../policies/sources/policy-paths.ts'
import { flag, list, optional, text } from '../option.ts'

/** Which policies are loaded, and which stay. */
export const policyOptions = {
  'tracing-policy': list({
    value: 'FILE',
    help: 'load the policies in FILE; may be given several times',
  }),
  'tracing-policy-dir': text({
    value: 'DIR',
    default: defaultPolicyFolder,
    help: 'load the policies in the YAML files of DIR and of the folders in it',
  }),
  'enable-deprecated-tracingpolicy-grpc': flag({
    help: 'let clients call EnableTracingPolicy and DisableTracingPolicy',
  }),
  'persist-grpc-policies': flag({
    help: 'load policies that clients added again when the agent restarts',
  }),
  'persist-grpc-policies-dir': optional({
    value: 'DIR',
    help: 'where they are kept (grpc-policies beside the pid file)',
    read: (given) => given,
  }),
}
