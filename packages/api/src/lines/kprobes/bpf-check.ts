import type { KprobeFormats } from '../kprobe-format.ts'
import { detail } from '../line.ts'

/** `🐝 bpf_load default/xwing /usr/bin/bpftool BPF_PROG_TYPE_KPROBE probe instruction count 12` */
export const bpfCheck: KprobeFormats = {
  bpf_check: (args) => {
    const program = args[0]?.bpf_attr_arg ?? args[0]?.bpf_prog_arg
    const text =
      program === undefined
        ? undefined
        : `${program.ProgType ?? ''} ${program.ProgName ?? ''} instruction count ${program.InsnCnt ?? 0}`
    return { icon: '🐝', word: 'bpf_load', columns: [detail(text)] }
  },
}
