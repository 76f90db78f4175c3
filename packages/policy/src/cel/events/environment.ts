import { Environment } from '@marcbachmann/cel-js'
import { enums } from '@tetragon-ts/api'
import {
  Address,
  broadcast,
  linkLocal,
  loopback,
  multicast,
  Network,
  unspecified,
} from '../../networks.ts'
import { compileRegExp, type Pattern } from '../../regexp/regexp.ts'
import { hasField, registerEvents } from './messages.ts'

/** Names of the functions that calls are rewritten to (rewrite.ts). */
export const own = { matches: 'matches_re2', has: 'has_field' } as const

/** Limits: expressions are short. */
const limits = {
  maxAstNodes: 2000,
  maxDepth: 64,
  maxListElements: 1000,
  maxMapEntries: 100,
  maxCallArguments: 8,
}

function address(text: string): Address {
  const found = Address.parse(text)
  if (found === undefined) throw new Error(`invalid IP address "${text}"`)
  return found
}

function network(text: string): Network {
  const found = Network.parse(text)
  if (found === undefined) throw new Error(`invalid network "${text}"`)
  return found
}

function registerNetworks(environment: Environment): void {
  const isIn = (networks: readonly Network[]) => (ip: Address) =>
    networks.some((each) => ip.isIn(each))
  environment
    .registerType('net.IP', { ctor: Address, fields: {} })
    .registerType('net.CIDR', { ctor: Network, fields: {} })
    .registerFunction('ip(string): net.IP', address)
    .registerFunction('isIP(string): bool', (text: string) => Address.parse(text) !== undefined)
    .registerFunction('cidr(string): net.CIDR', network)
    .registerFunction('isCIDR(string): bool', (text: string) => Network.parse(text) !== undefined)
    .registerFunction('net.IP.family(): int', ({ bits }: Address) => (bits === 32 ? 4n : 6n))
    .registerFunction('net.IP.isLoopback(): bool', isIn(loopback))
    .registerFunction('net.IP.isUnspecified(): bool', isIn(unspecified))
    .registerFunction('net.IP.isLinkLocalUnicast(): bool', isIn(linkLocal))
    .registerFunction(
      'net.IP.isGlobalUnicast(): bool',
      (ip: Address) =>
        !isIn([...loopback, ...unspecified, ...linkLocal, ...multicast, ...broadcast])(ip),
    )
    .registerFunction('net.CIDR.prefixLength(): int', ({ length }: Network) => BigInt(length))
    .registerFunction('net.CIDR.ip(): net.IP', (net: Network) => net.address)
    .registerFunction('net.CIDR.containsIP(net.IP): bool', (net: Network, ip: Address) =>
      ip.isIn(net),
    )
    .registerFunction('net.CIDR.containsIP(string): bool', (net: Network, ip: string) =>
      address(ip).isIn(net),
    )
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', (net: Network, other: Network) =>
      net.contains(other),
    )
    .registerFunction('net.CIDR.containsCIDR(string): bool', (net: Network, other: string) =>
      net.contains(network(other)),
    )
}

/** The numbers of enumerations by name: `tetragon.KprobeAction.KPROBE_ACTION_SIGKILL`. */
function registerEnums(environment: Environment): void {
  const fields: Record<string, string> = {}
  const values: Record<string, object> = {}
  for (const type of Object.values(enums)) {
    if (type.kind !== 'enum') continue
    const names = Object.keys(type.values)
    const Values = class {}
    for (const [name, number] of Object.entries(type.values)) {
      Object.defineProperty(Values.prototype, name, { value: BigInt(number) })
    }
    const typeName = `enum.${type.name}`
    environment.registerType(typeName, {
      ctor: Values,
      fields: Object.fromEntries(names.map((name) => [name, 'int'])),
    })
    fields[type.name] = typeName
    values[type.name] = new Values()
  }
  const Enums = class {}
  Object.assign(Enums.prototype, values)
  environment.registerType('enum.All', { ctor: Enums, fields })
  environment.registerConstant('tetragon', 'enum.All', new Enums())
}

function makeEnvironment(): Environment {
  const environment = new Environment({ limits })
  registerEvents(environment)
  registerEnums(environment)
  registerNetworks(environment)
  const patterns = new Map<string, Pattern>()
  environment.registerFunction(
    `string.${own.matches}(string): bool`,
    (text: string, re: string) => {
      let pattern = patterns.get(re)
      if (pattern === undefined) {
        pattern = compileRegExp(re)
        // Patterns are constants of expressions; those computed from events are not cached.
        if (patterns.size < limits.maxAstNodes) patterns.set(re, pattern)
      }
      return pattern.test(text)
    },
  )
  environment.registerFunction(`${own.has}(dyn, string): bool`, hasField)
  return environment
}

let made: Environment | undefined

/**
 * The environment of expressions: each kind of event, the numbers of enumerations, addresses, RE2.
 */
export function eventEnvironment(): Environment {
  made ??= makeEnvironment()
  return made
}
