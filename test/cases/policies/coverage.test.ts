import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { repositoryRoot } from '../../vm/repository.ts'
import { allCases } from './all-cases.ts'
import type { Construct } from './policy-case.ts'

interface Definition {
  readonly properties: Readonly<Record<string, { readonly enum?: readonly string[] }>>
}

/** Constructs of the policy language: the editor's schema, generated from that of the parser. */
const { definitions } = JSON.parse(
  readFileSync(join(repositoryRoot, 'packages/policy/schema/tracing-policy.schema.json'), 'utf8'),
) as { readonly definitions: Readonly<Record<string, Definition>> }

function allowed(definition: string, property: string): readonly string[] {
  // The empty word is that of programs that write all fields.
  return (definitions[definition].properties[property].enum ?? []).filter((name) => name !== '')
}

/** Constructs that need no case here, with the reason. */
const exceptions: Readonly<Record<string, string>> = {
  'operator SubStringIgnoreCase': 'another spelling of SubStringIgnCase',
  'operator NotSPortPriv': 'another spelling of NotSportPriv',
  'argument addrinfo': 'needs a function of user space: user-probes/lookups.early.test.ts',
  'action CleanupEnforcerNotification': 'needs an enforcer: enforcement/enforcers.kernel.test.ts',
  'action GetUrl': 'has a server of its own: shared-sets.vm.test.ts',
  'action DnsLookup': 'has a server of its own: shared-sets.vm.test.ts',
}

/** Constructs that only need a case that hits, with the reason. */
const positiveOnly: Readonly<Record<string, string>> = {
  'action TrackSock': 'the case of UntrackSock is its opposite',
  'action UntrackSock': 'the case of TrackSock is its opposite',
  'action Sigkill': 'its effect: enforcement/signal.oldest.test.ts',
  'action Signal': 'its effect: enforcement/signal.oldest.test.ts',
  'action Override': 'its effect: enforcement/override.oldest.test.ts',
  'action NotifyEnforcer': 'its effect: enforcement/enforcers.kernel.test.ts',
  'matcher matchWorkloads': 'selectors of pods are refused: unsupported.test.ts',
  'argument user_namespace': 'no operator takes it',
  'argument cred': 'no operator takes it',
  'argument module': 'no operator takes it',
}

const wanted: Readonly<Record<Construct['kind'], readonly string[]>> = {
  argument: allowed('Argument', 'type'),
  operator: allowed('ArgumentMatch', 'operator'),
  action: allowed('Action', 'action'),
  matcher: Object.keys(definitions.Selector.properties).filter(
    (name) => name.startsWith('match') && !name.endsWith('Actions'),
  ),
  hook: [
    'kprobes',
    'fentries',
    'tracepoints',
    'lsmhooks',
    'uprobes',
    'usdts',
    'processes',
    'lists',
  ],
  selector: ['selectors', 'macros'],
}

describe('every construct of policies has a case that hits and one that does not', () => {
  for (const [kind, names] of Object.entries(wanted)) {
    it(kind, () => {
      assert.ok(names.length > 0)
      const missing = names.filter((name) => {
        const construct = `${kind} ${name}`
        const cases = allCases.filter(({ covers }) => covers.kind === kind && covers.name === name)
        const hits = cases.some(({ count }) => count !== 0)
        const misses = cases.some(({ miss, count }) => miss !== undefined || count === 0)
        return !(construct in exceptions) && !(hits && (misses || construct in positiveOnly))
      })
      assert.deepEqual(missing, [])
    })
  }
})
