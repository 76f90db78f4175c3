import { nearest } from '@tetragon-ts/api/nearest'
import { type LogSourceName, logSources } from './index.ts'

/** The log source as rules write it. */
export interface WrittenLogSource {
  readonly category?: string
  readonly product?: string
  readonly service?: string
}

/** The log source of a rule, or why there is none. */
export type FoundLogSource =
  | { readonly name: LogSourceName }
  | {
      readonly code: 'RULE_LOG_SOURCE' | 'RULE_UNANSWERABLE'
      readonly key: keyof WrittenLogSource
      readonly message: string
      readonly suggestion?: string
    }

const logTexts =
  'its rules are about texts of logs, which events of the kernel do not contain; the agent reads no logs'

/** Services of Linux whose rules are about texts of logs. */
const logServices = new Set([
  ...['auth', 'clamav', 'cron', 'guacamole', 'sshd', 'sudo', 'syslog', 'vsftpd', 'modsecurity'],
])

/** Categories of Sigma that a host cannot answer, with the reason. */
const otherCategories: Readonly<Record<string, string>> = {
  antivirus: logTexts,
  application: logTexts,
  database: logTexts,
  webserver: logTexts,
  proxy: 'it needs the log of a proxy',
  firewall: 'it needs the log of a firewall; rules on connections use network_connection',
  dns: 'it needs the log of a DNS server; rules on look-ups of programs use dns_query',
  network: 'it needs a sensor of the network; rules on connections use network_connection',
  image_load: 'loaded libraries have no log source yet',
  registry_add: 'registries exist on Windows only',
  registry_delete: 'registries exist on Windows only',
  registry_event: 'registries exist on Windows only',
  registry_set: 'registries exist on Windows only',
  ps_script: 'PowerShell logs exist on Windows only',
  pipe_created: 'named pipes of this kind exist on Windows only',
}

const categories = Object.values(logSources)
  .filter(({ key }) => key === 'category')
  .map(({ name }) => name)

/** Finds the log source of a rule. Without a product, it is a host with Linux. */
export function findLogSource({ category, product, service }: WrittenLogSource): FoundLogSource {
  if (product !== undefined && product !== 'linux') {
    const message = `product ${product}: this is a host with Linux`
    return { code: 'RULE_UNANSWERABLE', key: 'product', message }
  }
  if (service !== undefined && category === undefined) {
    if (service === 'auditd') return { name: 'auditd' }
    const isLog = logServices.has(service)
    return {
      code: isLog ? 'RULE_UNANSWERABLE' : 'RULE_LOG_SOURCE',
      key: 'service',
      message: isLog ? `service ${service}: ${logTexts}` : `unknown service ${service}`,
      ...near(service, ['auditd']),
    }
  }
  if (category === undefined) {
    const message = `a log source without category and service is any log: ${logTexts}`
    return { code: 'RULE_UNANSWERABLE', key: 'product', message }
  }
  if (categories.includes(category)) return { name: category as LogSourceName }
  const reason = Object.hasOwn(otherCategories, category) ? otherCategories[category] : undefined
  return {
    code: reason === undefined ? 'RULE_LOG_SOURCE' : 'RULE_UNANSWERABLE',
    key: 'category',
    message:
      reason === undefined ? `unknown category ${category}` : `category ${category}: ${reason}`,
    ...(reason === undefined ? near(category, categories) : {}),
  }
}

function near(given: string, names: readonly string[]): { readonly suggestion?: string } {
  const suggestion = nearest(given, names)
  return suggestion === undefined ? {} : { suggestion }
}

/** Whether a log source that is written covers another one: equal in each of its parts. */
export function covers(own: WrittenLogSource, other: WrittenLogSource): boolean {
  return (['category', 'product', 'service'] as const).every((key) => {
    return own[key] === undefined || own[key] === other[key]
  })
}
