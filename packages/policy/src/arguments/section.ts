/** Positions of hooks in the document, in its order. */
export const sections = [
  'kprobes',
  'fentries',
  'tracepoints',
  'lsmhooks',
  'uprobes',
  'usdts',
  'processes',
] as const

/** Position of a hook in the document. */
export type Section = (typeof sections)[number]
