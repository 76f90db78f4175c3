import type { Options } from '../../command.ts'

/** Identity of a policy besides its name. */
export const identityOptions = {
  namespace: {
    kind: 'text',
    short: 'n',
    value: 'NAME',
    default: '',
    help: 'Namespace of the policy; default: a policy of the whole node',
  },
  domain: { kind: 'text', value: 'NAME', default: '', help: 'Domain of the policy' },
} as const satisfies Options
