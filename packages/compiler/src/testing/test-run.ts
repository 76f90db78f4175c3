import { programType } from '@tetragon-ts/ebpf/asm'
import type { Hook } from '@tetragon-ts/ebpf/lang'

/** Any program type that supports BPF_PROG_TEST_RUN. */
export const testRun: Hook<[]> = {
  kind: 'test',
  target: 'run',
  resolve: () => ({ programType: programType.socketFilter }),
  arguments: () => [],
  attachment: { at: 'demand' },
}
