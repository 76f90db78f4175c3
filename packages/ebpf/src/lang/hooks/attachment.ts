/** Kinds whose hook is fixed by the BTF id that the program was loaded with. */
export type TracingKind = 'tp_btf' | 'fentry' | 'fexit' | 'fmod_ret' | 'lsm'

/** How a loaded program gets to its hook, as data: `attachProgram` of the links does it. */
export type Attachment =
  /** The kernel knows the place: the program was loaded for it. */
  | { readonly at: 'loaded'; readonly kind: TracingKind }
  | { readonly at: 'raw_tracepoint'; readonly name: string }
  | { readonly at: 'tracepoint'; readonly group: string; readonly name: string }
  | { readonly at: 'kprobe'; readonly symbol: string; readonly atReturn: boolean }
  | {
      readonly at: 'kprobe.multi'
      readonly symbols: readonly string[]
      /** For each function the value that bpf_get_attach_cookie returns; or none. */
      readonly cookies: readonly bigint[]
      readonly atReturn: boolean
    }
  | { readonly at: 'iterator'; readonly kind: string }
  | {
      readonly at: 'cgroup'
      /** Of version 2. */
      readonly folder: string
      /** A number of `attachType`. */
      readonly type: number
    }
  /** Instructions of files, which are named when the program is attached. */
  | { readonly at: 'files'; readonly multi: boolean; readonly atReturn: boolean }
  /** Another program runs it, by these numbers. */
  | { readonly at: 'program'; readonly of: string; readonly slots: readonly number[] }
  /** User space runs it. */
  | { readonly at: 'demand' }
