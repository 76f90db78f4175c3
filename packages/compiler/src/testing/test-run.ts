import type { Hook } from '@tetragon-ts/ebpf/lang'
import { programType } from '@tetragon-ts/ebpf/programs'

/** Any program type that supports BPF_PROG_TEST_RUN. */
export const testRun: Hook<[]> = {
  kind: 'test',
  target: 'run',
  resolve: () => ({ programType: programType.socketFilter }),
  arguments: () => [],
  attach() {
    throw new Error('only test runs')
  },
}
