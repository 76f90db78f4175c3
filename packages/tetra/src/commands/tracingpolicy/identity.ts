import { type Options, text } from '@tetragon-ts/service/options'

/** Identity of a policy besides its name. */
export const identityOptions = {
  namespace: text({
    short: 'n',
    value: 'NAME',
    help: 'Namespace of the policy; default: a policy of the whole node',
  }),
  domain: text({ value: 'NAME', help: 'Domain of the policy' }),
} as const satisfies Options
