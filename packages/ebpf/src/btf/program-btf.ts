/** Type information of a program: names its functions and lines in logs and in bpftool. */
export interface ProgramBtf {
  /** What BPF_BTF_LOAD takes. */
  readonly blob: Uint8Array
  /** Array of struct bpf_func_info. */
  readonly funcInfo: Uint8Array
  /** Array of struct bpf_line_info. */
  readonly lineInfo: Uint8Array
}
