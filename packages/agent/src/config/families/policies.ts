import { flag, list, optional, text } from '@tetragon-ts/service/options'
import { defaultPolicyFolder } from '../../policies/sources/policy-paths.ts'

/** Policies to load and to store. */
export const policyOptions = {
  'tracing-policy': list({
    omitsEmpty: true,
    value: 'FILE',
    help: 'load policies from FILE; can be repeated',
  }),
  'tracing-policy-dir': text({
    value: 'DIR',
    default: defaultPolicyFolder,
    help: 'load policies from YAML files in DIR and its subfolders',
  }),
  'tolerate-policy-errors': flag({
    help: 'start without policies of files that cannot be loaded; they are listed with the error',
  }),
  'enable-policy-filter': flag({
    help: 'allow policies that select pods, namespaces, containers or the host',
  }),
  'guarded-executables': list({
    omitsEmpty: true,
    value: 'PATH',
    help: 'executable of the host that enforcing actions spare; can be repeated',
  }),
  'enable-deprecated-tracingpolicy-grpc': flag({
    help: 'allow the deprecated calls EnableTracingPolicy and DisableTracingPolicy',
  }),
  'persist-grpc-policies': flag({
    help: 'store policies that clients add, and load them after a restart',
  }),
  'persist-grpc-policies-dir': optional({
    value: 'DIR',
    help: 'folder for stored policies (grpc-policies next to the pid file)',
    read: (given) => given,
  }),
}
