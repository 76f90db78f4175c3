/**
 * Bits of a process's flags, in the order of their names. The two bits without a name are internal
 * to the agent: the kernel side reports with them that environment data follows, or that the
 * working directory must still be read.
 */
export const processFlags = {
  execve: 0x1,
  procFS: 0x4,
  errorEnvs: 0x8,
  truncArgs: 0x10,
  miss: 0x40,
  errorFilename: 0x100,
  errorArgs: 0x200,
  nocwd: 0x800,
  rootcwd: 0x1000,
  errorCWD: 0x2000,
  clone: 0x4000,
  errorCgroupName: 0x10000,
  errorCgroupID: 0x200000,
  errorCgroupSubsysCgrp: 0x40000,
  errorCgroupSubsys: 0x80000,
  errorCgroups: 0x100000,
  errorPathResolutionCwd: 0x400000,
  dataFilename: 0x800000,
  dataArgs: 0x1000000,
  inInitTree: 0x2000000,
} as const

/** Name of a process flag that has a bit. */
export type ProcessFlag = keyof typeof processFlags

const named = Object.entries(processFlags)

/**
 * Formats a mask as names joined by blanks, such as `execve clone`; bits without name are omitted.
 */
export function formatProcessFlags(mask: number): string {
  let text = ''
  for (const [name, bit] of named) {
    if ((mask & bit) !== 0) text += text === '' ? name : ` ${name}`
  }
  return text
}

/** Parses the output of formatProcessFlags; undefined if a name has no bit (`unknown` has none). */
export function parseProcessFlags(text: string): number | undefined {
  let mask = 0
  for (const name of text.split(' ')) {
    if (name === '') continue
    if (!Object.hasOwn(processFlags, name)) return undefined
    mask |= processFlags[name as ProcessFlag]
  }
  return mask
}
