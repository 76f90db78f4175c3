/** Whether a policy, which may be indented, has one of these sections. */
export function hasSection(policy: string, ...names: readonly string[]): boolean {
  return new RegExp(`^ *(${names.join('|')}):`, 'm').test(policy)
}

/** Whether a policy hooks nothing that needs kprobes, trampolines or LSM programs. */
export function isShownByHost(policy: string): boolean {
  return !hasSection(policy, 'fentries', 'lsmhooks') && !policy.includes('syscall: false')
}

const sections = ['kprobes', 'fentries', 'tracepoints', 'lsmhooks', 'uprobes', 'usdts', 'processes']

/** The sections that a policy has. */
export function sectionsOf(policy: string): readonly string[] {
  return sections.filter((name) => hasSection(policy, name))
}
