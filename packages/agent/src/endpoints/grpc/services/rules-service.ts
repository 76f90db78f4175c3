import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import {
  type AddRulesRequest,
  type AddRulesResponse,
  type DeleteRulesRequest,
  type DeleteRulesResponse,
  DetectionRules,
  type FilterStatus,
  type ListRulesResponse,
  serviceDefinition,
} from '@tetragon-ts/api'
import { hasExpired } from '@tetragon-ts/rules'
import { rulesDomain } from '../../../policies/registry/policy-origin.ts'
import type { FindingCount } from '../../../reader/findings/finding-totals.ts'
import type { FilterInForce } from '../../../rules/rules-in-force.ts'
import { unary } from '../../listen/unary.ts'
import type { ServerHost } from '../server-host.ts'

export const rulesDefinition = serviceDefinition(DetectionRules)

/** The service `tetragonts.DetectionRules`. */
export function rulesService(host: ServerHost): UntypedServiceImplementation {
  const { rules, policies } = host
  return {
    AddRules: unary(
      async ({ name = '', text = '' }: AddRulesRequest): Promise<AddRulesResponse> => {
        return { count: await rules.add(name, text) }
      },
    ),
    DeleteRules: unary(async ({ name = '' }: DeleteRulesRequest): Promise<DeleteRulesResponse> => {
      return { count: await rules.remove(name) }
    }),
    ListRules: unary(async (): Promise<ListRulesResponse> => {
      const totals = await host.findings()
      const counts = new Map(totals.rules.map((each) => [each.id, each]))
      const evaluations = new Map<string, number>()
      for (const [rule, count] of totals.evaluations) {
        // Rules without id and name may have the same title: their findings are counted together.
        evaluations.set(rule, count + (evaluations.get(rule) ?? 0))
      }
      const { inForce, isStarting, added, unseen } = rules.list()
      return {
        rules: inForce.rules.map((rule) => ({
          ...rule,
          techniques: [...rule.techniques],
          ...countsOf(counts.get(rule.rule)),
          evaluations: String(evaluations.get(rule.rule) ?? 0),
          unseen: unseen.flatMap(({ what, reason, rules, action }) => {
            return rules.includes(rule.rule) && !action ? [`${what}: ${reason}`] : []
          }),
          not_enforced: unseen.flatMap(({ reason, rules, action }) => {
            return rules.includes(rule.rule) && action ? [reason] : []
          }),
        })),
        left_out: [...inForce.errors],
        added: [...added],
        filters: inForce.filters.map(statusOf),
        policies: await policies.list({ domain: rulesDomain }),
        excepted: String(totals.excepted),
        repeated: String(totals.folded),
        too_many: String(totals.omitted),
        starting: isStarting,
      }
    }),
  }
}

function countsOf(counts: FindingCount | undefined) {
  const { count = 0, folded = 0, omitted = 0, lastMs = 0, excepted = [] } = counts ?? {}
  return {
    findings: String(count),
    repeated: String(folded),
    too_many: String(omitted),
    last_finding: lastMs === 0 ? '' : timeText(lastMs),
    excepted: excepted.map(({ filter, count, lastMs }) => {
      return { filter, count: String(count), last: timeText(lastMs) }
    }),
  }
}

function statusOf(inForce: FilterInForce): FilterStatus {
  const { filter, title, file, owner, expires, rules } = inForce
  return {
    ...{ filter, title, file, owner, rules: [...rules] },
    expires: expires?.date ?? '',
    expired: hasExpired(inForce, Date.now()),
  }
}

function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
