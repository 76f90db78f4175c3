/** Position of a hook in the document. */
export type Section = 'kprobes' | 'fentries' | 'tracepoints' | 'lsmhooks' | 'uprobes' | 'usdts'
