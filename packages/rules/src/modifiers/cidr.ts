import { Network } from '@tetragon-ts/policy/networks'
import { changeEach, type Modifier, ModifierError, requireFirst, requirePlain } from './modifier.ts'

export const cidr: Modifier = {
  name: 'cidr',
  doc: 'the field is an address in the network, such as 10.0.0.0/8',
  apply(item) {
    requireFirst(item, 'cidr')
    if (item.field === undefined) throw new ModifierError('cidr needs a field')
    changeEach(item, (draft) => {
      const written = requirePlain(draft, 'cidr')
      const network = Network.parse(written)
      if (network === undefined) {
        throw new ModifierError(`cidr needs a network such as 10.0.0.0/8 or fd00::/8`)
      }
      return { kind: 'network', written, network }
    })
  },
}
