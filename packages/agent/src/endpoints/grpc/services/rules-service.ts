import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import {
  type AddRulesRequest,
  type AddRulesResponse,
  type DeleteRulesRequest,
  type DeleteRulesResponse,
  DetectionRules,
  type ListRulesResponse,
  serviceDefinition,
} from '@tetragon-ts/api'
import { rulesDomain } from '../../../policies/sources/rules-domain.ts'
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
      const counts = new Map(totals.rules.map(({ id, count }) => [id, count]))
      const { inForce, added, unseen } = rules.list()
      return {
        rules: inForce.rules.map((rule) => ({
          ...rule,
          techniques: [...rule.techniques],
          findings: String(counts.get(rule.rule) ?? 0),
          unseen: unseen.flatMap(({ hook, reason, rules, action }) => {
            return rules.includes(rule.rule) && !action ? [`${hook}: ${reason}`] : []
          }),
          not_enforced: unseen.flatMap(({ reason, rules, action }) => {
            return rules.includes(rule.rule) && action ? [reason] : []
          }),
        })),
        left_out: [...inForce.errors],
        added: [...added],
        policies: await policies.list({ domain: rulesDomain }),
        excepted: String(totals.excepted),
        repeated: String(totals.folded),
        too_many: String(totals.omitted),
      }
    }),
  }
}
