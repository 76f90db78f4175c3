import { utf8Length } from '@tetragon-ts/api'
import type { Check } from '../arguments/check.ts'
import { capabilityNumber } from '../fields/capabilities.ts'
import type {
  BinaryMatch,
  CapabilityMatch,
  NamespaceChangeMatch,
  NamespaceMatch,
  PidMatch,
} from '../model/index.ts'
import type {
  BinaryMatchDocument,
  CapabilityMatchDocument,
  NamespaceChangeMatchDocument,
  NamespaceMatchDocument,
  PidMatchDocument,
} from '../schema/selector.ts'

// Conditions on the process: its id, executable, namespaces and capabilities.

/** Without values, a condition would always or never match. */
export function needValues(
  match: { readonly values: readonly unknown[]; readonly at: string },
  check: Check,
): void {
  if (match.values.length > 0 || check.isBroken(match)) return
  const message = 'values is missing: there is nothing to compare with'
  check.findings.error(`${match.at}.values`, 'POLICY_MISSING_FIELD', message)
}

/** PID_MAX_LIMIT of include/linux/threads.h, on 64-bit machines. */
const pidsEnd = 2 ** 22

/** An entry of `matchPIDs`. */
export function checkPids(match: PidMatchDocument, check: Check): PidMatch {
  needValues(match, check)
  for (const [i, value] of match.values.entries()) {
    if (value < pidsEnd) continue
    const message = `invalid process id ${value}: ids are below ${pidsEnd}`
    check.findings.warning(`${match.at}.values[${i}]`, 'POLICY_OPERAND', message)
  }
  return {
    path: match.at,
    negated: match.operator === 'NotIn',
    values: match.values,
    isNamespacePid: match.isNamespacePID,
    followForks: match.followForks,
  }
}

/** PATH_MAX of include/uapi/linux/limits.h, including the terminating zero. */
const longestPath = 4096

const binaryComparison = {
  In: 'equal',
  NotIn: 'equal',
  Prefix: 'prefix',
  NotPrefix: 'prefix',
  Postfix: 'postfix',
  NotPostfix: 'postfix',
} as const

/** An entry of `matchBinaries` or `matchParentBinaries`. */
export function checkBinaries(match: BinaryMatchDocument, check: Check): BinaryMatch {
  needValues(match, check)
  const { operator, at, followChildren, resolveLinks, values } = match
  const how = binaryComparison[operator]
  for (const [name, isSet] of Object.entries({ followChildren, resolveLinks })) {
    if (!isSet || how === 'equal') continue
    const message = `${name} requires the operator In or NotIn, not ${operator}`
    check.findings.error(`${at}.${name}`, 'POLICY_SELECTOR', message)
  }
  for (const [i, value] of values.entries()) {
    const path = `${at}.values[${i}]`
    if (value === '') check.findings.error(path, 'POLICY_OPERAND', 'the path is empty')
    else if (how !== 'postfix' && !value.startsWith('/')) {
      const message = 'no executable has such a path: paths are absolute'
      check.findings.warning(path, 'POLICY_OPERAND', message)
    } else if (utf8Length(value) >= longestPath) {
      const message = `no executable has such a path: paths have less than ${longestPath} bytes`
      check.findings.warning(path, 'POLICY_OPERAND', message)
    }
  }
  const negated = operator.startsWith('Not')
  return { path: at, how, negated, values, followChildren, resolveLinks }
}

/** Inode numbers of namespaces have 32 bits (struct ns_common). */
function readInode(text: string): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return value <= 0xffff_ffff ? value : undefined
}

/** An entry of `matchNamespaces`. */
export function checkNamespaces(match: NamespaceMatchDocument, check: Check): NamespaceMatch {
  needValues(match, check)
  const values: (number | 'host_ns')[] = []
  for (const [i, value] of match.values.entries()) {
    const inode = readInode(value)
    if (value === 'host_ns') values.push(value)
    else if (inode !== undefined) values.push(inode)
    else {
      const message = `${JSON.stringify(value)} is neither an inode number nor host_ns`
      const details = { allowed: ['host_ns'], given: value }
      check.findings.error(`${match.at}.values[${i}]`, 'POLICY_OPERAND', message, details)
    }
  }
  const { namespace } = match
  return { path: match.at, namespace, negated: match.operator === 'NotIn', values }
}

/** An entry of `matchNamespaceChanges`. */
export function checkNamespaceChanges(
  match: NamespaceChangeMatchDocument,
  check: Check,
): NamespaceChangeMatch {
  needValues(match, check)
  return { path: match.at, negated: match.operator === 'NotIn', namespaces: match.values }
}

/** An entry of `matchCapabilities` or `matchCapabilityChanges`. */
export function checkCapabilities(match: CapabilityMatchDocument, check: Check): CapabilityMatch {
  needValues(match, check)
  let mask = 0n
  for (const name of match.values) mask |= 1n << BigInt(capabilityNumber(name) ?? 0)
  return {
    path: match.at,
    type: match.type,
    negated: match.operator === 'NotIn',
    isNamespaceCapability: match.isNamespaceCapability,
    mask,
  }
}
